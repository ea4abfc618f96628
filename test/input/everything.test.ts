import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DeadLetterClosedError } from '../../client/errors.js';
import { inParallel } from '../../client/in-parallel.js';
import { DEFAULT_BREAKER_CONFIG } from '../../common/circuit-breaker/index.js';
import { eventually, LIMIT_MS, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import { arbitrary, COUNT, generator, SEED } from './arbitrary.js';

const { next, pick, anything, mutated } = arbitrary(SEED);
/** Activities run when they like, and must not move the sequence of the others. */
const made = generator(SEED + 1);
const NOT_FOUND = 5;
/** UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED */
const COMPLETED = 3;

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
const alert = {
  ...{ kind: 'breaker', change: 'opened', id: 'e1', at, breaker: 'b', status: 'OPEN', why: 'w' },
  workflowId: 'circuit-breaker/b',
};
const hooks = {
  v: 1,
  hooks: [{ name: 'onGroup', kinds: ['group', 'breaker'] }],
  everyMs: 60_000,
  configuredAt: at,
};
const counts = {
  labels: [['["SERVER","o"]', { category: 'SERVER', operation: 'o' }]],
  ...{ minutes: [[29_453_760, [0, 3]]], hours: [[490_896, [0, 3]]] },
};
const carriedErrors = {
  ...{ v: 1, startedAt: 1_767_225_600_000 },
  errors: {
    ...{ total: 3, workers: [['w', 1, 1_767_225_600_000]], lastAt: 1_767_225_600_000 },
    ...{ operations: counts, hosts: counts, causes: counts },
  },
  alerts: {
    ...{
      looked: { at: 1_767_225_600_000, throttled: ['b'], above: ['q'] },
      ...{ hooks, pending: [[0, 1_767_225_600_000, alert]], count: 1 },
      progress: [
        {
          ...{ name: 'onGroup', kinds: ['group', 'breaker'], next: 0 },
          batch: { id: 'x', end: 1, since: 1_767_225_600_000 },
        },
      ],
      shown: [{ at, line: 'l' }],
    },
    ...{ recent: [['e1', 1_767_225_600_000]], dropped: 0 },
  },
};
const STARTS: readonly (readonly [type: string, ...inputs: unknown[]])[] = [
  ['deadLetter', record],
  ['deadLetter', record, carriedLetter, { n: 1 }],
  ['circuitBreaker', breakerInput],
  ['redrive', { filter: {}, dryRun: true, rate: 5 }],
  ['redrive', null, carriedRedrive],
  ['errorAnalytics', carriedErrors],
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
  Record<'letter' | 'breaker' | 'redrive' | 'errors', readonly (readonly [signal: string, input: unknown])[]>
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
  redrive: [
    ['pause', { by: 'ada', reason: 'why' }],
    ['resume', { by: 'ada' }],
    ['setRate', { rate: 5, by: 'ada' }],
    ['cancel', ['not an object']],
  ],
  errors: [
    [
      'record',
      {
        ...{ v: 1, worker: 'w', sequence: 5, sentAt: 1_767_225_600_000 },
        errors: [
          { count: 2, agoMs: 5, category: 'SERVER', operation: 'o', host: 'h', group: 'g', pattern: 'p' },
        ],
      },
    ],
    ['alert', { v: 1, events: [alert, alert] }],
    ['watch', hooks],
  ],
};
const UPDATES: Readonly<
  Record<'letter' | 'breaker', readonly (readonly [update: string, input: unknown])[]>
> = {
  letter: [
    ['replay', { args: [{ n: 1 }], by: 'ada', reason: 'why', force: false, requestId: 'r1' }],
    ['replay', { transform: { patch: [{ op: 'replace', path: '/0/n', value: 2 }] }, by: 'ada' }],
    ['resolve', 'not an object'],
    ['discard', ['not an object']],
  ],
  breaker: [['acquireTrial', { v: 1, worker: 'w', execution: 'e', leaseMs: 1_000 }]],
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
  /** Resolves once it is answered, whatever the answer is. */
  const update = async (workflowId: string, name: string, inputs: readonly unknown[], what: string) => {
    const { client, namespace } = get();
    const args = payloadsOf(inputs);
    const header = next() < 0.1 ? { fields: { [`${anything()}`]: args.payloads[0] as never } } : undefined;
    const meta = { updateId: `update-${sequence++}`, identity: `${anything()}` };
    const { outcome } = await client.withDeadline(Date.now() + LIMIT_MS, () =>
      client.workflowService.updateWorkflowExecution({
        ...{ namespace, workflowExecution: { workflowId }, waitPolicy: { lifecycleStage: COMPLETED } },
        request: { meta, input: { name, args, header } },
      }),
    );
    assert.ok(outcome?.success ?? outcome?.failure, `an update has no answer; ${what}; seed ${SEED}`);
  };
  /** What is left of an input may be a request: then the letter or redrive has ended, and takes no more. */
  const unlessClosed = (error: { code?: unknown }) => {
    if (error.code !== NOT_FOUND && !(error instanceof WorkflowNotFoundError)) throw error;
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
    });

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
      if (status !== 'WAITING') continue;
      // A request before it may still run; then the answer is that, after a while, or the letter has been closed by it.
      await eventually(async () => {
        try {
          return (await letter.replay({ by: 'ada' })).outcome === 'FAILED';
        } catch (error) {
          if (error instanceof DeadLetterClosedError) return true;
          throw error;
        }
      });
    }
    assert.ok(await client.workflow.getHandle(breaker.workflowId).query('state'));
  });

  test('signals and queries to the errors of the fleet', async () => {
    const { client, namespace, recoveryTaskQueue, id } = get();
    const workflowId = id('errors');
    await client.workflow.start('errorAnalytics', {
      ...{ workflowId, taskQueue: recoveryTaskQueue, args: [{ v: 1 }] },
    });
    for (let round = 0; round * 20 < COUNT; round++) {
      const sent: string[] = [];
      for (let index = 0; index < 20; index++) {
        const [signal, input] = pick(MESSAGES.errors);
        const inputs = Array.from({ length: next() < 0.1 ? 3 : 1 }, () => mutated(input));
        sent.push(`${signal} ${JSON.stringify(inputs)}`);
        await send(workflowId, signal, ...inputs);
      }
      await assertAnswers(workflowId, sent.join('\n'));
      const queried = mutated({
        window: '1 hour',
        category: 'SERVER',
        operation: 'o',
        by: 'cause',
        limit: 5,
      });
      for (const queryType of ['summary', 'errorRate', 'topErrors']) {
        // An answer, or a sentence that names what is wrong.
        await client.workflowService
          .queryWorkflow({
            ...{ namespace, execution: { workflowId } },
            query: { queryType, queryArgs: payloadsOf([queried]) },
          })
          .catch((error) => assert.match(`${error.message}`, /query\b.* must be/));
      }
    }
    assert.ok(await client.workflow.getHandle(workflowId).query('summary'));
  });

  test('updates and queries to letters, circuit breakers and redrives, and signals to redrives', async () => {
    const { client, namespace, taskQueue, recoveryTaskQueue, id } = get();
    const breaker = id('updated-breaker');
    await client.workflow.start('circuitBreaker', {
      ...{ workflowId: breaker, taskQueue: recoveryTaskQueue },
      args: [{ ...breakerInput, state: undefined }],
    });
    for (let round = 0; round * 20 < COUNT; round++) {
      const { deadLetterId: letter = '' } = await client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: id(`origin-of-updated-${round}`), taskQueue, args: ['refuse', [{ n: 1 }]] },
      });
      const redrive = id(`redrive-${round}`);
      await client.workflow.start('redrive', {
        ...{ workflowId: redrive, taskQueue: recoveryTaskQueue },
        args: [{ ids: [id('no-such-letter'), id('no-other')], rate: 0.01 }],
      });
      const sent: string[] = [];
      for (let index = 0; index < 20; index++) {
        const target = pick(['letter', 'breaker'] as const);
        const [name, input] = pick(UPDATES[target]);
        const inputs = Array.from({ length: next() < 0.1 ? 3 : 1 }, () => mutated(input));
        sent.push(`${name} ${JSON.stringify(inputs)}`);
        await update(target === 'letter' ? letter : breaker, name, inputs, sent.join('\n')).catch(
          unlessClosed,
        );
        const [signal, signalInput] = pick(MESSAGES.redrive);
        await send(redrive, signal, mutated(signalInput)).catch(unlessClosed);
      }
      for (const [workflowId, queryType] of [
        [letter, 'deadLetter'],
        [breaker, 'state'],
        [redrive, 'progress'],
      ] as const) {
        await assertAnswers(workflowId, sent.join('\n'));
        const { queryResult } = await client.workflowService.queryWorkflow({
          ...{ namespace, execution: { workflowId } },
          query: { queryType, queryArgs: payloadsOf([anything()]) },
        });
        assert.ok(queryResult?.payloads?.length, `${workflowId} has no answer; seed ${SEED}`);
      }
      await client.workflow.getHandle(redrive).cancel().catch(unlessClosed);
    }
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
    const seen = await inParallel([...thrown.keys()], 50, (index) =>
      client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: id(`failure-${index}`), taskQueue, workflowExecutionTimeout: LIMIT_MS },
        args: ['throwIt', [index], { retry: { maximumAttempts: 1 } }],
      }),
    );
    for (const [index, { deadLetterId }] of seen.entries()) {
      assert.ok(deadLetterId, `failure ${index} has no letter; seed ${SEED}`);
      await assertAnswers(deadLetterId, `failure ${index}`);
    }
  });
});
