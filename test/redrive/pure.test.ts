import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PatchDoesNotFitError, patchArguments } from '../../common/redrive/apply-patch.js';
import { redriveDetails } from '../../common/redrive/markdown.js';
import { parseRedriveOrder } from '../../common/redrive/orders.js';
import { Pace } from '../../common/redrive/pace.js';
import { packedBytes, packIds, unpackIds } from '../../common/redrive/pack-ids.js';
import { Tally } from '../../common/redrive/tally.js';
import { transformProblem } from '../../common/redrive/transform.js';
import type { JsonPatchOperation, LetterOutcome, RedriveProgress } from '../../common/redrive/types.js';
import { utf8Length } from '../../common/text/text.js';

const ids = fc.array(
  fc
    .tuple(
      fc.constantFrom('dead-letter/sync/', 'dead-letter/sünc-😀', 'dead-letter/sünc-😁', ''),
      fc.string({ unit: 'binary' }),
    )
    .map((parts) => parts.join('')),
);

describe('ids of a snapshot', () => {
  test('are unpacked as they were packed, also through UTF-8', () => {
    fc.assert(
      fc.property(ids, (given) => {
        const sent = Buffer.from(JSON.stringify(packIds(given))).toString();
        assert.deepEqual(unpackIds(JSON.parse(sent)), given);
      }),
    );
  });

  test('take about as many bytes as was said before', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z/]{0,40}$/)), (given) => {
        const said = given.reduce((sum, id, index) => sum + packedBytes(given[index - 1] ?? '', id), 0);
        assert.ok(utf8Length(JSON.stringify(packIds(given))) <= said + 2);
      }),
    );
  });

  test('of ten thousand letters of as many workflows fit into the input of one', () => {
    const uuid = (n: number) =>
      `${n.toString(16).padStart(8, '0')}-0000-7000-8000-${(n * 7919).toString(16).padStart(12, '0')}`;
    const letters = Array.from(
      { length: 10_000 },
      (_, n) => `dead-letter/order-sync-${uuid(n)}/writeOrder/${uuid(n + 1)}/11`,
    );
    assert.ok(utf8Length(JSON.stringify(packIds(letters))) < 1_400_000);
  });
});

describe('pace of a redrive', () => {
  /** Letters a second a batch allows. */
  const rateOf = ({ size, leastMs, pauseMs }: ReturnType<Pace['nextBatch']>) =>
    (size * 1_000) / (leastMs + pauseMs);

  test('never goes beyond its rate, and reaches it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1_000, noNaN: true }), (rate) => {
        const batch = new Pace(rate).nextBatch();
        assert.ok(Math.abs(rateOf(batch) - rate) < rate * 1e-6, `${rateOf(batch)}`);
        assert.ok(batch.size >= 1 && batch.size <= 100);
        assert.ok(batch.leastMs <= 5_000, 'a pause is heard within seconds');
      }),
    );
  });

  test('after a breaker was open it begins with a tenth, and doubles with every batch', () => {
    const pace = new Pace(100);
    pace.slowDown();
    const rates = Array.from({ length: 6 }, () => {
      const rate = Math.round(rateOf(pace.nextBatch()));
      pace.batchDone(10, 1_000);
      return rate;
    });
    assert.deepEqual(rates, [10, 20, 40, 80, 100, 100]);
    assert.equal(new Pace(100, pace.carried()).effectiveRate, 100);
  });

  test('tells the time left by what was reached, not by what was wished for', () => {
    const pace = new Pace(100);
    assert.equal(pace.timeLeftMs(50), undefined);
    pace.batchDone(20, 10_000);
    assert.equal(pace.timeLeftMs(50), 25_000);
    assert.equal(pace.timeLeftMs(0), 0);
  });
});

describe('tally of a redrive', () => {
  const outcome = fc.constantFrom<LetterOutcome['outcome']>(
    'REPLAYED',
    'FAILED',
    'SKIPPED',
    'HELD',
    'RESOLVED',
  );

  test('counts every letter once, however it is carried over, and lists no more than fits', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 3_000 }), fc.nat(), (outcomes, cut) => {
        let tally = new Tally(outcomes.length);
        for (const [index, each] of outcomes.entries()) {
          if (index === cut % (outcomes.length + 1))
            tally = new Tally(outcomes.length, JSON.parse(JSON.stringify(tally.carried())));
          tally.add({ id: `${index}`, outcome: each, message: 'm'.repeat(500), origin: 'open' });
        }
        assert.equal(tally.done, outcomes.length);
        assert.equal(tally.counts.failed, outcomes.filter((each) => each === 'FAILED').length);
        assert.equal(tally.origins.open ?? 0, outcomes.length);
        assert.ok(tally.outcomes().length <= 1_000);
        assert.ok(JSON.stringify(tally.carried()).length < 400_000);
        if (outcomes.length <= 1_000) assert.equal(tally.outcomes().length, outcomes.length);
      }),
      { numRuns: 50 },
    );
  });

  test('a letter that was held and replayed later is counted as what it became', () => {
    const tally = new Tally(2);
    tally.add({ id: 'a', outcome: 'HELD' });
    tally.add({ id: 'b', outcome: 'HELD' });
    tally.settle({ id: 'a', outcome: 'REPLAYED' });
    tally.settle({ id: 'b', outcome: 'HELD' });
    assert.deepEqual([tally.counts.held, tally.counts.replayed, tally.done], [1, 1, 2]);
    assert.deepEqual(
      tally.outcomes().map((each) => each.outcome),
      ['REPLAYED', 'HELD'],
    );
  });

  test('of few letters no share is reported', () => {
    const tally = new Tally(20);
    for (let n = 0; n < 9; n++) tally.add({ id: `${n}`, outcome: 'FAILED' });
    assert.equal(tally.failureShare, 0);
    tally.add({ id: '9', outcome: 'REPLAYED' });
    assert.equal(tally.failureShare, 0.9);
  });
});

describe('edits of arguments', () => {
  test('a patch changes a copy', () => {
    const args = [{ a: { b: 1 } }, 'x'];
    const patch: JsonPatchOperation[] = [
      { op: 'replace', path: '/0/a/b', value: 2 },
      { op: 'add', path: '/-', value: true },
      { op: 'move', from: '/0/a', path: '/0/c' },
    ];
    assert.deepEqual(patchArguments(args, patch), [{ c: { b: 2 } }, 'x', true]);
    assert.deepEqual(args, [{ a: { b: 1 } }, 'x']);
  });

  test('one that does not fit says where, without the value', () => {
    const patch: JsonPatchOperation[] = [{ op: 'test', path: '/0/token', value: 'other' }];
    assert.throws(
      () => patchArguments([{ token: 's3cr3t' }], patch),
      (error) => {
        assert.ok(error instanceof PatchDoesNotFitError);
        assert.equal(error.message, 'The patch does not fit: test /0/token: the value is another one');
        return true;
      },
    );
    assert.throws(() => patchArguments([{}], [{ op: 'remove', path: '/0/a/b' }]), /remove \/0\/a\/b/);
  });

  test('a transform that cannot be used says what it must be', () => {
    const wrong: [unknown, RegExp][] = [
      ['patch', /JSON Patch of the array of arguments/],
      [{}, /exactly one of them/],
      [{ patch: [], activity: 'x' }, /exactly one of them/],
      [{ patch: [] }, /at least one operation/],
      [{ patch: [{ op: 'set', path: '/0' }] }, /operation 0 has an op of add/],
      [{ patch: [{ op: 'remove', path: '' }] }, /a path into the arguments/],
      [{ patch: [{ op: 'copy', path: '/0/a' }] }, /has a from/],
      [{ patch: [{ op: 'add', path: '/0/a' }] }, /has a value/],
      [{ patch: [{ op: 'remove', path: '/0/a' }], taskQueue: 'q' }, /taskQueue belongs to activity/],
      [{ activity: '' }, /name of an activity/],
      [{ activity: 'a', queue: 'q' }, /without "queue"/],
    ];
    for (const [input, message] of wrong) assert.match(transformProblem(input) ?? '', message);
    assert.equal(transformProblem({ patch: [{ op: 'remove', path: '/0/a' }] }), undefined);
    assert.equal(transformProblem({ activity: 'a', taskQueue: 'q' }), undefined);
  });
});

describe('orders to a redrive', () => {
  test('are read, and nonsense is refused with what is expected', () => {
    assert.deepEqual(parseRedriveOrder('setRate', 5), { by: undefined, reason: undefined, rate: 5 });
    assert.equal(parseRedriveOrder('pause', undefined).by, undefined);
    assert.throws(
      () => parseRedriveOrder('setRate', { rate: 0 }),
      /from 0.01 to 1000, letters a second; got 0/,
    );
    assert.throws(() => parseRedriveOrder('setRate', {}), /rate must be a number/);
    assert.throws(() => parseRedriveOrder('pause', 'now'), /expected \{"by": "you"/);
    assert.throws(() => parseRedriveOrder('pause', { who: 'me' }), /unknown field "who"/);
    assert.throws(() => parseRedriveOrder('cancel', { by: 7 }), /by must be a string; got 7/);
    assert.throws(() => parseRedriveOrder('cancel', { rate: 7 }), /rate is for setRate/);
  });
});

test('the page of a redrive is Markdown whatever the letters say', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const progress: RedriveProgress = {
        ...{
          status: 'RUNNING',
          action: 'replay',
          dryRun: false,
          total: 10,
          truncated: true,
          done: 3,
          running: 1,
        },
        ...{
          replayed: 1,
          resolved: 0,
          discarded: 0,
          failed: 1,
          skipped: 1,
          held: 0,
          rate: 10,
          actualRate: 3,
        },
        ...{ timeLeftMs: 90_000, startedAt: '2026-01-01T00:00:00Z', by: text, reason: text, why: text },
        groups: [{ group: 'g', letters: 10, message: text }],
        problems: [{ id: text, outcome: 'FAILED', message: text }],
      };
      const details = redriveDetails(progress, {
        ...{ namespace: 'default', orders: [text], startedBy: text, query: text, breaker: text },
        ...{ hasMoreConditions: true, searchAttributes: ['RecoveryGroup'] },
      });
      assert.ok(utf8Length(details) <= 20_000);
      for (const line of details.split('\n')) {
        assert.ok(/^(###|-|What you can do|temporal-recovery \d|\u00a0|$)/.test(line), line);
        assert.equal((line.replaceAll('\\`', '').match(/`/g) ?? []).length % 2, 0, line);
      }
    }),
  );
});
