import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bounded } from '../../common/dead-letter/carried-over.js';
import { findBreaker, findFailureDetail } from '../../common/failing-call/read-detail.js';
import { unwrapDetails } from '../../common/failing-call/wrapped-details.js';
import { isTooDeep } from '../../common/payload/json-depth.js';
import { PatchDoesNotFitError, patchArguments } from '../../common/redrive/apply-patch.js';
import type { JsonPatchOperation } from '../../common/redrive/types.js';

export const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

describe('a patch cannot make more of the arguments than an activity takes', () => {
  const refused = (args: unknown[], patch: JsonPatchOperation[], why: RegExp) => {
    assert.throws(
      () => patchArguments(args, patch),
      (error) => error instanceof PatchDoesNotFitError && why.test(error.message),
    );
  };
  const copies = (count: number, copy: (index: number) => [string, string]): JsonPatchOperation[] =>
    Array.from({ length: count }, (_, index) => {
      const [from, path] = copy(index);
      return { op: 'copy', from, path };
    });

  test('nothing is copied or moved into itself', () => {
    refused(
      [{ id: 1 }],
      copies(27, (index) => ['/0', `/0/c${index}`]),
      /copy \/0\/c0: it would put \/0 into itself/,
    );
    refused([{ a: {} }], [{ op: 'move', from: '/0/a', path: '/0/a/b' }], /into itself/);
  });

  test('two values that are copied into each other do not double for ever', () => {
    const eachOther = (index: number): [string, string] =>
      index % 2 === 0 ? ['/0', `/1/c${index}`] : ['/1', `/0/c${index}`];
    refused([{ id: 1 }, {}], copies(200, eachOther), /arguments may be 2\.0 MB large/);
  });

  test('what is copied in all is limited, also where it overwrites what was there', () => {
    const args = [{ large: 'x'.repeat(900_000), copy: '' }];
    const patch: JsonPatchOperation[] = Array.from({ length: 500 }, () => [
      { op: 'copy', from: '/0/large', path: '/0/copy' } as const,
      { op: 'remove', path: '/0/copy' } as const,
    ]).flat();
    refused(args, patch, /copy and replace 40\.0 MB in all/);
  });

  test('there are at most 1,000 operations', () => {
    const tests = (count: number): JsonPatchOperation[] =>
      Array.from({ length: count }, () => ({ op: 'test', path: '/0', value: 1 }));
    assert.deepEqual(patchArguments([1], tests(1_000)), [1]);
    refused([1], tests(1_001), /has 1001 operations; at most 1000/);
  });

  test('many small edits of large arguments are no trouble', () => {
    const args = [{ text: 'x'.repeat(1_990_000), n: 0 }];
    const edits = Array.from(
      { length: 1_000 },
      (_, value) => ({ op: 'replace', path: '/0/n', value }) as const,
    );
    assert.equal((patchArguments(args, edits)[0] as { n: number }).n, 999);
  });

  test('a comparison of long lists takes no longer than reading them', () => {
    const long = (start: number) => Array.from({ length: 50_000 }, (_, index) => index + start);
    refused([long(0)], [{ op: 'test', path: '/0', value: long(1) }], /the value is another one/);
    assert.equal(patchArguments([long(0)], [{ op: 'test', path: '/0', value: long(0) }]).length, 1);
  });

  test('paths reach members and items, and nothing else', () => {
    refused(
      [[1, 2]],
      [{ op: 'replace', path: '/0/length', value: 4_000_000_000 }],
      /nothing it could apply to/,
    );
    refused([[1]], [{ op: 'add', path: '/0/4000000000', value: 1 }], /nothing it could apply to/);
    refused([{}], [{ op: 'remove', path: '/0/constructor' }], /nothing it could apply to/);
    refused(['text'], [{ op: 'add', path: '/0/a', value: 1 }], /nothing it could apply to/);
    refused([null], [{ op: 'add', path: '/0/a/b', value: 1 }], /nothing it could apply to/);
    const patched = patchArguments([{}], [{ op: 'add', path: '/0/__proto__', value: { admin: true } }]);
    assert.equal((patched[0] as { admin?: boolean }).admin, undefined);
    assert.equal(JSON.stringify(patched), '[{"__proto__":{"admin":true}}]');
  });

  test('the operations of RFC 6902 do what it says', () => {
    const patched = (args: unknown[], ...patch: JsonPatchOperation[]) => patchArguments(args, patch);
    assert.deepEqual(patched([1, 2], { op: 'add', path: '/1', value: 'x' }), [1, 'x', 2]);
    assert.deepEqual(patched([{ a: 1 }], { op: 'add', path: '/0/a', value: null }), [{ a: null }]);
    assert.deepEqual(patched([{ a: 1 }], { op: 'remove', path: '/0/a' }), [{}]);
    assert.deepEqual(patched([{ 'a/b~': 1 }], { op: 'replace', path: '/0/a~1b~0', value: 2 }), [
      { 'a/b~': 2 },
    ]);
    assert.deepEqual(patched([1, 2, 3], { op: 'move', from: '/0', path: '/2' }), [2, 3, 1]);
    assert.deepEqual(patched([{ a: [1] }, 0], { op: 'copy', from: '/0/a', path: '/1' }), [
      { a: [1] },
      [1],
      0,
    ]);
    assert.deepEqual(patched([{ a: 1, b: [2] }], { op: 'test', path: '/0', value: { b: [2], a: 1 } }), [
      { a: 1, b: [2] },
    ]);
  });

  test('what is nested too deep is refused, from any sender', () => {
    refused([nested(20_000)], [{ op: 'add', path: '/1', value: 1 }], /nested 1000 levels deep/);
    refused(
      [nested(900), nested(900)],
      [{ op: 'move', from: '/1', path: `${'/0'.repeat(899)}/-` }],
      /nested 1000/,
    );
  });
});

describe('what is under our key is read with suspicion', () => {
  const error = {
    message: 'refused',
    errorCategory: 'VALIDATION',
    timestamp: '2026-01-01T00:00:00Z',
    additionalContext: {},
  };
  const attempt = { attempt: 1, category: 'SERVER', message: 'no' };
  const detail = { v: 1, error, attempts: 2, history: [attempt], runId: 'a-run' };
  const found = (...details: unknown[]) => findFailureDetail(details);

  test('ours is read as it was written, what later versions add included', () => {
    assert.deepEqual(found('of the user', { temporalRecovery: detail }), detail);
  });

  test('a circuit breaker is a name of 1 to 1,000 characters, also in the detail of an attempt that another follows', () => {
    const named = (breaker: unknown, v = 1) =>
      findBreaker(['of the user', { temporalRecovery: { v, breaker } }]);
    assert.equal(named('orders-api'), 'orders-api');
    assert.equal(found({ temporalRecovery: { ...detail, breaker: 'orders-api' } })?.breaker, 'orders-api');
    for (const wrong of ['', 5, null, ['a'], 'b'.repeat(1_001)]) assert.equal(named(wrong), undefined);
    assert.equal(named('orders-api', 2), undefined);
    for (const wrong of [undefined, [], [null], ['text'], [{ temporalRecovery: 'text' }]])
      assert.equal(findBreaker(wrong), undefined);
  });

  test('only the last detail counts', () => {
    assert.equal(found({ temporalRecovery: detail }, 'of the user'), undefined);
    const other = { ...detail, attempts: 7 };
    assert.equal(found({ temporalRecovery: other }, { temporalRecovery: detail })?.attempts, 2);
  });

  test('another version or shape is as good as none', () => {
    const wrong = [
      null,
      'text',
      [],
      {},
      { ...detail, v: 2 },
      { ...detail, error: null },
      { ...detail, error: { ...error, errorCategory: 'NONSENSE' } },
      { ...detail, error: { ...error, message: { text: 1 } } },
      { ...detail, error: { ...error, timestamp: 'yesterday' } },
      { ...detail, attempts: '2' },
      { ...detail, history: [null] },
      { ...detail, history: [{ ...attempt, message: 1 }] },
      { ...detail, history: 'none' },
    ];
    for (const each of wrong)
      assert.equal(found({ temporalRecovery: each }), undefined, JSON.stringify(each));
    assert.equal(found(null), undefined);
  });

  test('fields of another shape are left out, texts are cut', () => {
    const read = found({
      temporalRecovery: {
        ...detail,
        error: {
          ...error,
          statusCode: 'x',
          requestUrl: { a: 1 },
          stack: 'y'.repeat(100_000),
          additionalContext: 7,
        },
        held: { breaker: 5 },
        breaker: 'b'.repeat(1_001),
        scheduledAt: 1,
        limited: 'yes',
        nested: { a: 1 },
      },
    });
    assert.deepEqual([read?.held, read?.scheduledAt, read?.limited], [undefined, undefined, undefined]);
    assert.equal(read !== undefined && ('nested' in read || 'breaker' in read), false);
    assert.deepEqual([read?.error.statusCode, read?.error.requestUrl], [undefined, undefined]);
    assert.equal(read?.error.stack?.length, 20_000);
    assert.deepEqual(read?.error.additionalContext, {});
  });

  test('a ledger that is none leaves the heartbeat details to the user', () => {
    const ledger = { v: 1, attempts: [attempt], notCounted: 1, server: 3, progress: 'x' };
    assert.deepEqual(unwrapDetails({ temporalRecovery: ledger, details: 5 }), { ledger, details: 5 });
    for (const wrong of [
      { ...ledger, attempts: [null] },
      { ...ledger, v: 2 },
      { ...ledger, spared: 'many' },
      null,
    ]) {
      const given = { temporalRecovery: wrong };
      assert.deepEqual(unwrapDetails(given), { ledger: undefined, details: given });
    }
  });
});

describe('inputs without an end', () => {
  test('depth is counted without recursion', () => {
    assert.equal(isTooDeep(nested(1_000)), false);
    assert.equal(isTooDeep(nested(1_002)), true);
    assert.equal(isTooDeep(nested(100_000)), true);
    assert.equal(isTooDeep(null), false);
  });

  test('story and handled requests of the next run have a size, the newest stay', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const story = Array.from({ length: 200 }, (_, index) => ({
      ...{ at, event: 'refused' as const, by: `${index}`, message: 'x'.repeat(2_000) },
    }));
    const outcome = { outcome: 'FAILED', status: 'WAITING', message: 'y'.repeat(10_000) } as const;
    const handled = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`r${index}`, outcome]));
    const carried = bounded({ story, replays: 200, requests: 300, handled });
    assert.ok(JSON.stringify(carried).length < 70_000);
    assert.deepEqual([carried.story[0]?.by, carried.story.at(-1)?.by], ['0', '199']);
    assert.deepEqual(Object.keys(carried.handled ?? {}), ['r98', 'r99']);
  });
});
