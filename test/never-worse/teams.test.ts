// Workloads as teams write them around an API: the same results, and not more calls.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure, CompleteAsyncError, Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import { useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';
import { eventCame, finish, put } from './team-workflows.js';

const more = { workflowsPath: require.resolve('./team-workflows.js') };
const tooMany = (seconds: number) =>
  Object.assign(httpError(429), { response: { status: 429, headers: { 'retry-after': `${seconds}` } } });

describe('workloads of teams end as without the plugin', { concurrency: 3 }, () => {
  const get = useHarness('teams');
  const start = (run: Run, workflow: string, ...args: unknown[]) =>
    run.client.workflow.start(workflow, { workflowId: run.id, taskQueue: run.taskQueue, args });
  const execute = async (run: Run, workflow: string, ...args: unknown[]) =>
    (await start(run, workflow, ...args)).result();

  const same = async (name: string, workload: (run: Run) => Promise<unknown>) => {
    const { withIt, without } = await bothWays(get(), name, workload);
    assert.deepEqual(withIt, without);
  };

  test('pages by cursor, in several runs, behind a small limit and with passing failures', () =>
    same('cursor', async (run) => {
      let calls = 0;
      await run.startWorker(
        {
          async list(cursor: number) {
            calls++;
            if (calls % 7 === 0) throw tooMany(1);
            if (calls % 10 === 0) throw httpError(503);
            return { items: 10, ...(cursor < 19 ? { next: cursor + 1 } : {}) };
          },
        },
        {},
        more,
      );
      return { result: await execute(run, 'pages'), calls };
    }));

  test('a fan-out with a semaphore, some records invalid: the same records fail, with no more calls', async () => {
    const { withIt, without } = await bothWays(get(), 'semaphore', async (run) => {
      const calls = new Map<number, number>();
      await run.startWorker(
        {
          async push(record: number) {
            calls.set(record, (calls.get(record) ?? 0) + 1);
            if (record % 20 === 3) throw httpError(422);
            if (record % 20 === 7) throw httpError(500);
          },
        },
        {},
        more,
      );
      const retry = { maximumAttempts: 3, initialInterval: '200ms' };
      const failed = await execute(run, 'semaphore', 40, { startToCloseTimeout: '1 minute', retry });
      return { failed, calls };
    });
    assert.deepEqual(withIt.failed, without.failed);
    for (const [record, calls] of withIt.calls) assert.ok(calls <= (without.calls.get(record) ?? 0));
  });

  test('webhooks by signal-with-start, those of one customer fail', () =>
    same('webhooks', async (run) => {
      const push = async (event: number) => {
        if (event % 4 === 2) throw httpError(500);
      };
      await run.startWorker({ push }, {}, more);
      for (let event = 0; event < 20; event++)
        await run.client.workflow.signalWithStart('customer', {
          ...{ workflowId: `${run.id}-${event % 4}`, taskQueue: run.taskQueue },
          ...{ signal: eventCame, signalArgs: [event] },
        });
      return Promise.all(
        [0, 1, 2, 3].map(async (customer) => {
          const handle = run.client.workflow.getHandle(`${run.id}-${customer}`);
          await handle.signal(finish);
          return handle.result();
        }),
      );
    }));

  test('an activity that goes on from its heartbeat after each failure: no step twice', () =>
    same('progress', async (run) => {
      let steps = 0;
      const seen: unknown[] = [];
      await run.startWorker(
        {
          async push() {
            const { heartbeatDetails } = Context.current().info;
            seen.push(heartbeatDetails ?? 'none');
            for (let n = heartbeatDetails?.n ?? 0; n < 12; n++) {
              steps++;
              Context.current().heartbeat({ n: n + 1 });
              if ((n + 1) % 3 === 0 && n < 11) throw httpError(503);
            }
          },
        },
        {},
        more,
      );
      const retry = { initialInterval: '200ms', backoffCoefficient: 1 };
      return {
        end: await execute(run, 'outcome', 'push', { heartbeatTimeout: '1 minute', retry }),
        steps,
        seen,
      };
    }));

  for (const [name, succeedsAt, retry] of [
    ['asynchronous failures, and success at the sixth attempt', 6, { initialInterval: '200ms' }],
    ['asynchronous failures up to maximumAttempts', 9, { initialInterval: '200ms', maximumAttempts: 4 }],
  ] as const)
    test(name, () =>
      same(`async-${succeedsAt}`, async (run) => {
        let calls = 0;
        await run.startWorker(
          {
            async push() {
              const { taskToken } = Context.current().info;
              const { activity } = run.client;
              const isLast = ++calls === succeedsAt;
              setTimeout(() => {
                const end = isLast
                  ? activity.complete(taskToken, 1)
                  : activity.fail(taskToken, new Error('no'));
                end.catch(() => undefined);
              }, 500);
              throw new CompleteAsyncError();
            },
          },
          {},
          more,
        );
        const options = { startToCloseTimeout: '1 minute', retry: { backoffCoefficient: 1, ...retry } };
        return { end: await execute(run, 'outcome', 'push', options), calls };
      }),
    );

  test('updates that call a failing activity', () =>
    same('updates', async (run) => {
      const push = async (value: number) => {
        if (value % 5 === 0) throw httpError(400);
        if (value % 5 === 1) throw httpError(500);
      };
      await run.startWorker({ push }, {}, more);
      const handle = await start(run, 'store');
      const answers = await Promise.all(
        Array.from({ length: 15 }, (_, value) => handle.executeUpdate(put, { args: [value] })),
      );
      await handle.signal(finish);
      return { answers, stored: await handle.result() };
    }));

  test('bookings that are undone in reverse order', () =>
    same('booking', async (run) => {
      const step = async (n: number, fails: boolean) => {
        if (fails) throw httpError(n % 2 ? 503 : 409);
        return n;
      };
      await run.startWorker({ step, undo: async (n: number) => n }, {}, more);
      return Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          run.client.workflow.execute('booking', {
            ...{ workflowId: `${run.id}-${n}`, taskQueue: run.taskQueue, args: [6, n] },
          }),
        ),
      );
    }));

  for (const [name, requires] of [
    ['that rejects activities it does not know', false],
    ["that requires the call's tenant", true],
  ] as const)
    test(`an activity interceptor ${name}: failures of several tenants reach the workflow`, () =>
      same(`strict-${requires}`, async (run) => {
        const push = async (record: number) => {
          if (record % 2 === 0) throw httpError(422);
        };
        await run.startWorker(
          { push },
          {},
          {
            ...more,
            interceptors: {
              workflowModules: [require.resolve('./tenant-interceptor.js')],
              activity: [
                ({ info }) => ({
                  inbound: {
                    async execute(input, next) {
                      const { tenant } = input.headers;
                      const isKnown = requires
                        ? tenant && defaultPayloadConverter.fromPayload(tenant)
                        : info.activityType === 'push';
                      if (!isKnown) throw ApplicationFailure.nonRetryable('rejected');
                      return next(input);
                    },
                  },
                }),
              ],
            },
          },
        );
        return execute(run, 'semaphore', 12, { retry: { maximumAttempts: 1 } });
      }));
});
