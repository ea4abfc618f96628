import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { DEFAULT_BREAKER_CONFIG } from '../../common/circuit-breaker/index.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

/** `INPUT_SEED=7 node dist/test/run.js input/everything` runs what a failure names; `INPUT_COUNT` makes it longer. */
const SEED = Number(process.env.INPUT_SEED ?? 20_260);
const COUNT = Number(process.env.INPUT_COUNT ?? 120);

/** mulberry32 */
function generator(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  return { next, pick };
}

const { next, pick } = generator(SEED);
/** Activities run when they like, and must not move the sequence of the others. */
const made = generator(SEED + 1);
const NOT_FOUND = 5;

const SCALARS = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e300, -1e300, 2 ** 53, 2 ** 31, '', 'x', ' ', '\u0000', '`*_[]('],
  ...[
    '__proto__',
    'constructor',
    '\ud83d\ude00',
    '/0/a',
    'y'.repeat(5_000),
    '10000000 days',
    '2026-01-01T00:00:00Z',
  ],
];

function anything(depth = 0): unknown {
  const kind = next();
  if (depth > 4 || kind < 0.6) return pick(SCALARS);
  const length = Math.floor(next() * 4);
  if (kind < 0.8) return Array.from({ length }, () => anything(depth + 1));
  return Object.fromEntries(Array.from({ length }, (_, index) => [`k${index}`, anything(depth + 1)]));
}

/** A copy in which a few things are other ones, are gone, or came new. */
function mutated(value: unknown, share = 0.15): unknown {
  if (next() < share) return anything();
  if (Array.isArray(value)) return value.map((item) => mutated(item, share));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(() => next() > share / 3);
  if (next() < share / 2) entries.push([pick(['extra', 'v', 'args', 'by']), anything()]);
  return Object.fromEntries(entries.map(([key, item]) => [key, mutated(item, share)]));
}

const at = '2026-01-01T00:00:00.000Z';
const origin = {
  namespace: 'n',
  workflowId: 'w',
  runId: 'r',
  workflowType: 't',
  activityId: '1',
  scheduledEventId: 5,
};
const record = {
  ...{
    summary: 's',
    help: 'h',
    version: 1,
    id: 'dead-letter/x',
    createdAt: at,
    queue: 'q',
    operation: 'o',
    group: 'g',
  },
  ...{
    activityType: 'refuse',
    origin,
    call: { taskQueue: 'nowhere', startToCloseTimeoutMs: 1_000, maximumAttempts: 1 },
  },
  error: {
    message: 'm',
    errorCategory: 'SERVER',
    statusCode: 500,
    timestamp: at,
    additionalContext: { a: 1 },
  },
  attempts: [{ attempt: 1, failedAt: at, category: 'SERVER', message: 'm' }],
  ...{ attemptCount: 1, argumentCount: 1, headers: {}, searchAttributes: [], secretNames: ['x'] },
  replay: { maximumAttempts: 1, scheduleToStartTimeoutMs: 1_000 },
};
const breakerInput = {
  ...{
    v: 1,
    name: 'x',
    config: DEFAULT_BREAKER_CONFIG,
    configuredAt: at,
    searchAttributes: [],
    workers: { w: 1 },
  },
  state: {
    status: 'CLOSED',
    epoch: 2,
    since: 1_767_225_600_000,
    health: { failuresInARow: 1, failed: ['a'], failedBefore: 0 },
  },
  transitions: [
    { from: 'CLOSED', to: 'OPEN', at: 1_767_225_600_000, epoch: 1, reason: { cause: 'forced', by: 'ada' } },
  ],
};
const carriedLetter = {
  ...{
    story: [{ at, event: 'dead-lettered' }],
    replays: 1,
    requests: 1,
    status: 'WAITING',
    noticeSent: true,
  },
  handled: { r: { outcome: 'FAILED', status: 'WAITING', message: 'm' } },
};
const carriedRedrive = {
  plan: {
    ...{
      v: 1,
      id: 'redrive/x',
      action: 'discard',
      ids: [],
      limit: 1,
      dryRun: false,
      rate: 10,
      concurrency: 1,
      canary: 0,
    },
    ...{ maxFailureShare: 1, force: false, searchAttributes: [] },
  },
  ...{ startedAt: at, total: 0, truncated: false, groups: [], pending: [], running: [], turnedAway: [] },
  tally: { counts: { replayed: 0, resolved: 0, discarded: 0, failed: 0, skipped: 0, held: 0 }, listed: [] },
  ...{ rate: 10, pace: { share: 1, actualRate: 1 }, isPaused: false, orders: [] },
};
const STARTS: readonly (readonly [type: string, ...inputs: unknown[]])[] = [
  ['deadLetter', record],
  ['deadLetter', record, carriedLetter, { n: 1 }],
  ['circuitBreaker', breakerInput],
  ['redrive', { filter: {}, dryRun: true, rate: 5 }],
  ['redrive', null, carriedRedrive],
];
const result = {
  outcome: 'failure',
  execution: 'a',
  category: 'SERVER',
  statusCode: 503,
  retryAfterMs: 5,
  message: 'm',
};
const MESSAGES: Readonly<
  Record<'letter' | 'breaker', readonly (readonly [signal: string, input: unknown])[]>
> = {
  letter: [
    ['replay', { args: [{ n: 1 }], by: 'ada', reason: 'why', force: false, requestId: 'r1' }],
    [
      'replay',
      {
        transform: {
          patch: [
            { op: 'replace', path: '/0/n', value: 2 },
            { op: 'copy', from: '/0', path: '/1' },
          ],
        },
      },
    ],
    ['replay', { transform: { activity: 'map' }, by: 'ada' }],
    ['resolve', 'not an object'],
    ['discard', ['not an object']],
    ['arguments', { n: 1 }],
  ],
  breaker: [
    [
      'report',
      {
        v: 1,
        worker: 'w',
        sequence: 9,
        epoch: 0,
        results: [result, result],
        config: DEFAULT_BREAKER_CONFIG,
        configuredAt: at,
        trip: { cause: 'exhausted', failures: 5, sample: { message: 'm' } },
      },
    ],
    ['forceOpen', { by: 'ada', reason: 'why', expiresIn: '1 hour' }],
    ['forceClosed', { expiresIn: 1_000 }],
    ['disable', { by: 'ada' }],
    ['reset', { by: 'ada' }],
  ],
};

describe(`everything is sent to everything (seed ${SEED})`, () => {
  const thrown: (() => unknown)[] = [];
  const activities = {
    async refuse() {
      throw Object.assign(new Error('refused'), { status: 422 });
    },
    async map() {
      return made.pick<unknown>([[], [1], [{ n: 2 }], { n: 1 }, null, 'x', [[[]]]]);
    },
    async throwIt(index: number) {
      throw thrown[index]?.();
    },
  };
  const get = useHarness('input-everything', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ maxRetries: 0, breaker: false })] }),
  );
  let sequence = 0;
  const payloadsOf = (inputs: readonly unknown[]) => ({
    payloads: inputs.map((input) => ({
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from(next() < 0.03 ? '{not JSON' : JSON.stringify(input)),
    })),
  });
  const send = (workflowId: string, signalName: string, ...inputs: unknown[]) => {
    const { client, namespace } = get();
    return client.workflowService.signalWorkflowExecution({
      ...{
        namespace,
        workflowExecution: { workflowId },
        signalName,
        requestId: `${sequence++}`,
        input: payloadsOf(inputs),
      },
    });
  };
  /** Closed, or its last workflow task was answered; and none failed except for known faults of the server. */
  const assertAnswers = (workflowId: string, what: string) =>
    eventually(async () => {
      const { client, namespace } = get();
      const { pendingWorkflowTask, workflowExecutionInfo } =
        await client.workflowService.describeWorkflowExecution({
          ...{ namespace, execution: { workflowId } },
        });
      assert.ok(
        (pendingWorkflowTask?.attempt ?? 0) < 3,
        `a workflow task of ${workflowId} fails; ${what}; seed ${SEED}`,
      );
      // A terminated letter is a lost one.
      assert.notEqual(
        workflowExecutionInfo?.status,
        4,
        `${workflowId} was terminated; ${what}; seed ${SEED}`,
      );
      return pendingWorkflowTask === null || pendingWorkflowTask === undefined;
    }, 20_000);

  test('starts', async () => {
    const started: [string, string][] = [];
    for (let index = 0; index < COUNT; index++) {
      const { client, namespace, recoveryTaskQueue, id } = get();
      const [type, ...inputs] = pick(STARTS);
      const given = inputs.map((input) => mutated(input));
      const workflowId = id(`start-${index}`);
      await client.workflowService.startWorkflowExecution({
        ...{ namespace, workflowId, workflowType: { name: type }, taskQueue: { name: recoveryTaskQueue } },
        ...{
          requestId: workflowId,
          input: payloadsOf(given),
          workflowExecutionTimeout: { seconds: 120 as never },
        },
      });
      started.push([workflowId, `${type} ${JSON.stringify(given)}`]);
    }
    for (const [workflowId, what] of started) await assertAnswers(workflowId, what);
  });

  test('signals to letters and circuit breakers', async () => {
    const { client, taskQueue, recoveryTaskQueue, id, recovery } = get();
    const breaker = await client.workflow.start('circuitBreaker', {
      ...{ workflowId: id('breaker'), taskQueue: recoveryTaskQueue },
      args: [{ ...breakerInput, state: undefined }],
    });
    for (let round = 0; round * 20 < COUNT; round++) {
      const { deadLetterId = '' } = await client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: id(`origin-${round}`), taskQueue, args: ['refuse', [{ n: 1 }]] },
      });
      const sent: string[] = [];
      for (let index = 0; index < 20; index++) {
        for (const [target, workflowId] of [
          ['letter', deadLetterId],
          ['breaker', breaker.workflowId],
        ] as const) {
          const [signal, input] = pick(MESSAGES[target]);
          const inputs = Array.from({ length: next() < 0.1 ? 3 : 1 }, () => mutated(input));
          sent.push(`${signal} ${JSON.stringify(inputs)}`);
          // What is left of an input may be a request: then the letter is resolved, and takes no more.
          await send(workflowId, signal, ...inputs).catch((error) => {
            if (target !== 'letter' || error.code !== NOT_FOUND) throw error;
          });
        }
      }
      await assertAnswers(deadLetterId, sent.join('\n'));
      await assertAnswers(breaker.workflowId, sent.join('\n'));
      const letter = recovery.deadLetters.get(deadLetterId);
      const { status } = await letter.describe();
      if (status === 'WAITING') assert.equal((await letter.replay({ by: 'ada' })).outcome, 'FAILED');
    }
    assert.ok(await client.workflow.getHandle(breaker.workflowId).query('state'));
  });

  test('failures', async () => {
    const detail = {
      ...{ v: 1, error: record.error, attempts: 2, history: record.attempts, scheduledAt: at },
      held: { breaker: 'b', afterMs: 5 },
    };
    const { client, taskQueue, id } = get();
    for (let index = 0; index < COUNT / 2; index++) {
      const details = [{ temporalRecovery: mutated(detail) }, ...(next() < 0.3 ? [anything()] : [])];
      const cause =
        next() < 0.3
          ? (mutated({ name: 'E', message: 'm', cause: { name: 'F', message: 'n' } }) as Error)
          : undefined;
      const given = {
        message: anything() as string,
        type: anything() as string,
        nonRetryable: true,
        details,
        cause,
      };
      thrown.push(
        next() < 0.5
          ? () => ApplicationFailure.create(given)
          : () =>
              Object.assign(
                new Error('x'),
                mutated({ message: 'm', name: 'n', stack: 's', status: 422, cause }),
              ),
      );
    }
    const seen = await Promise.all(
      thrown.map((_, index) =>
        client.workflow.execute<typeof callOne>('callOne', {
          ...{ workflowId: id(`failure-${index}`), taskQueue, workflowExecutionTimeout: '60s' },
          args: ['throwIt', [index], { retry: { maximumAttempts: 1 } }],
        }),
      ),
    );
    for (const [index, { deadLetterId }] of seen.entries()) {
      assert.ok(deadLetterId, `failure ${index} has no letter; seed ${SEED}`);
      await assertAnswers(deadLetterId, `failure ${index}`);
    }
  });
});
