import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ActivityFailure,
  ApplicationFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
} from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { sendable, sendableError } from '../../activities/failing-call/sendable-failure.js';
import { useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const { Failure } = temporal.api.failure.v1;

/** As the SDK sends it, and as the other side reads it. */
function sent(error: unknown) {
  const failure = new DefaultFailureConverter().errorToFailure(error, defaultPayloadConverter);
  const bytes = Failure.encode(failure).finish();
  return { failure: Failure.decode(bytes), bytes: bytes.length };
}

function depthOf(error: unknown): number {
  let depth = 0;
  for (let at: unknown = error; at instanceof Error && depth < 1_000; at = at.cause) depth++;
  return depth;
}

const circular = () => {
  const error = new Error('a');
  error.cause = Object.assign(new Error('b'), { cause: error });
  return error;
};
const deep = (levels: number) => {
  let error = new Error('innermost');
  for (let i = 0; i < levels; i++) error = Object.assign(new Error(`level ${i}`), { cause: error });
  return error;
};
const endless = (): Error =>
  new Proxy(new Error('endless'), {
    get: (target, key, receiver) => (key === 'cause' ? endless() : Reflect.get(target, key, receiver)),
  });
const withDetails = (...details: unknown[]) => ApplicationFailure.create({ message: 'x', details });
const nested = () => JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
const ring = () => {
  const object: Record<string, unknown> = { name: 'ring' };
  object.self = object;
  return object;
};

/** Whatever an activity may throw that ends the worker without the plugin, or is never reported. */
const HOSTILE: Record<string, () => unknown> = {
  'causes in a circle': circular,
  'a cause that is itself': () => {
    const error = new Error('own');
    error.cause = error;
    return error;
  },
  '5,000 causes': () => deep(5_000),
  '150 causes': () => deep(150),
  'a proxy with a cause behind every cause': endless,
  'a detail with a circle': () => withDetails('first', ring()),
  'a BigInt as detail': () => withDetails({ id: 5n }),
  'a detail nested too deep': () => withDetails(nested()),
  'a detail whose toJSON throws': () =>
    withDetails({
      toJSON() {
        throw new Error('no');
      },
    }),
  'a function as detail': () => withDetails(() => 1),
  'details that are no list': () => Object.assign(withDetails(), { details: 7 }),
  'details of 3 MB': () => withDetails('x'.repeat(3_000_000)),
  'nextRetryDelay NaN': () => ApplicationFailure.create({ message: 'x', nextRetryDelay: Number.NaN }),
  'nextRetryDelay Infinity': () =>
    ApplicationFailure.create({ message: 'x', nextRetryDelay: Number.POSITIVE_INFINITY }),
  'nextRetryDelay below 0': () => ApplicationFailure.create({ message: 'x', nextRetryDelay: -5 }),
  'nextRetryDelay that is no duration': () => Object.assign(withDetails(), { nextRetryDelay: 'a while' }),
  'half an emoji in the message': () => new Error('half \ud83d'),
  'half an emoji in type and stack': () =>
    Object.assign(ApplicationFailure.create({ message: 'x', type: 'T\ude00' }), { stack: 'at \ud83d' }),
  'half an emoji in a cause': () => Object.assign(new Error('x'), { cause: new Error('\ude00 half') }),
  'a message of 3 MB': () => new Error('é'.repeat(1_500_000)),
  '10 causes of 1 MB': () => {
    let error = new Error('x'.repeat(1_000_000));
    for (let i = 0; i < 10; i++) error = Object.assign(new Error('y'.repeat(1_000_000)), { cause: error });
    return error;
  },
  'a message that is an object': () => Object.assign(new Error('x'), { message: { a: 1 } }),
  'a category that is none': () => Object.assign(withDetails(), { category: 'WORST' }),
  'a cause that is no error': () => Object.assign(new Error('x'), { cause: ring() }),
  'a cause without a prototype': () => Object.assign(new Error('x'), { cause: Object.create(null) }),
  'an object without a prototype': () => Object.create(null),
  'a symbol': () => Symbol('thrown'),
  null: () => null,
  'a getter that throws': () =>
    Object.defineProperty(new Error('x'), 'cause', {
      get() {
        throw new Error('no');
      },
    }),
  'a failure of an activity with such a cause': () =>
    new ActivityFailure('x', 'a', '1', 'IN_PROGRESS', 'me', withDetails(ring())),
};

describe('what an activity throws can be sent', () => {
  for (const [name, make] of Object.entries(HOSTILE)) {
    test(name, () => {
      const { failure, bytes } = sent(sendableError(make()));
      assert.ok(bytes < 3_000_000, `${bytes} bytes`);
      const texts = JSON.stringify(Failure.toObject(failure));
      assert.ok(!/\\ud[89a-f]/i.test(texts));
    });
  }

  test('what can be sent stays the same object, causes included', () => {
    const cause = Object.assign(new TypeError('inner \u{1f600}'), { cause: new RangeError('innermost') });
    const failure = ApplicationFailure.create({
      ...{
        message: 'fine',
        type: 'Mine',
        nonRetryable: true,
        cause,
        nextRetryDelay: '5 minutes',
        category: 'BENIGN',
      },
      details: [{ a: [1] }, undefined, null, 'text', new Uint8Array([1])],
    });
    assert.equal(sendable(failure), failure);
    const plain = new Error('plain', { cause });
    assert.equal(sendableError(plain), plain);
    for (const thrown of ['text', 7, undefined]) assert.equal(sendableError(thrown), thrown);
  });

  test('only what cannot be sent is changed', () => {
    const inner = new TypeError('inner');
    const failure = ApplicationFailure.create({
      ...{ message: 'half \ud83d', type: 'Mine', nonRetryable: true, cause: inner, nextRetryDelay: 5_000 },
      details: [{ kept: true }, { id: 5n }],
    });
    const clean = sendable(failure);
    assert.equal(clean.message, 'half \uFFFD');
    assert.deepEqual(
      [clean.type, clean.nonRetryable, clean.nextRetryDelay, clean.cause],
      ['Mine', true, 5_000, inner],
    );
    assert.deepEqual(clean.details, [{ kept: true }, { id: '5' }]);
    assert.equal(clean.stack, failure.stack?.replace('\ud83d', '\uFFFD'));
  });

  test('of causes the outermost stay', () => {
    const clean = sendableError(deep(5_000));
    assert.ok(depthOf(clean) <= 22 && depthOf(clean) >= 20, `${depthOf(clean)}`);
    assert.equal((clean as Error).message, 'level 4999');
    const inner = (sendableError(circular()) as Error).cause as Error;
    assert.deepEqual([inner.message, (inner.cause as Error).message], ['b', 'a']);
  });
});

describe('a worker outlives what its activities throw', () => {
  const activities = {
    async hostile(name: string) {
      throw HOSTILE[name]?.();
    },
    async fine() {
      return 'fine';
    },
  };
  const get = useHarness('input-sendable', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ maxRetries: 0 })] }),
  );

  test('each is a failure the workflow gets, with a letter', async () => {
    const { client, taskQueue, id } = get();
    const seen = await Promise.all(
      Object.keys(HOSTILE).map((name, index) =>
        client.workflow.execute<typeof callOne>('callOne', {
          ...{
            workflowId: id(`${index}`),
            taskQueue,
            args: ['hostile', [name]],
            workflowExecutionTimeout: '40s',
          },
        }),
      ),
    );
    for (const [index, { deadLetterId }] of seen.entries()) {
      assert.ok(deadLetterId, `${Object.keys(HOSTILE)[index]}: ${JSON.stringify(seen[index]).slice(0, 300)}`);
    }
    const after = await client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: id('after'), taskQueue, args: ['fine', []] },
    });
    assert.equal(after.result, 'fine');
  });
});

describe('in observe mode too', () => {
  const activities = {
    async hostile(name: string) {
      throw HOSTILE[name]?.();
    },
  };
  const get = useHarness('input-observe', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ mode: 'observe' })] }),
  );

  test('each is a failure the workflow gets', async () => {
    const { client, taskQueue, id } = get();
    const seen = await Promise.all(
      Object.keys(HOSTILE).map((name, index) =>
        client.workflow.execute<typeof callOne>('callOne', {
          ...{ workflowId: id(`${index}`), taskQueue, workflowExecutionTimeout: '40s' },
          args: ['hostile', [name], { retry: { maximumAttempts: 1 } }],
        }),
      ),
    );
    assert.ok(seen.every(({ error }) => error?.name === 'ActivityFailure'));
  });
});
