import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { BreakerSnapshot } from 'temporal-recovery/client';
import { startFleet } from '../../examples/flaky-service/fleet.js';
import { startService } from '../../examples/flaky-service/service.js';
import type { backlog } from '../../examples/flaky-service/workflows.js';
import { eventually, useHarness } from '../support/harness.js';

const OPEN_MS = 15_000;
const HOUR_MS = 3_600_000;
const ARTICLES = 12;

/** Never worse than without, where only processes of their own can show it. */
describe('worker processes behind one breaker', () => {
  const get = useHarness('processes');

  /** A service, workers that call it through one breaker, and a workflow with a dozen calls. */
  const stage = async (
    t: TestContext,
    name: string,
    openTime: number,
    onCall?: (worker: string) => void | Promise<void>,
  ) => {
    const h = get();
    const taskQueue = h.id(name);
    const service = await startService(onCall);
    t.after(() => service.stop());
    const start = async (workers: readonly string[], clockShiftMs?: number) => {
      const fleet = await startFleet(
        workers,
        {
          serviceUrl: service.url,
          taskQueue,
          breaker: taskQueue,
          namespace: h.namespace,
          connectionOptions: h.connectionOptions,
          recovery: {
            taskQueue: `${taskQueue}-recovery`,
            queue: h.queue,
            breakers: { [taskQueue]: { openTime } },
          },
        },
        clockShiftMs === undefined
          ? {}
          : {
              execArgv: ['--require', require.resolve('./shifted-clock.js')],
              env: { ...process.env, CLOCK_SHIFT_MS: `${clockShiftMs}` },
            },
      );
      t.after(() => fleet.stop());
      return fleet;
    };
    const breaker = h.recovery.breakers.get(taskQueue);
    const until = (condition: (snapshot: BreakerSnapshot) => boolean) =>
      eventually(async () => {
        const snapshot = await breaker.describe();
        return condition(snapshot) && snapshot;
      });
    const call = (id = 'backlog') =>
      h.client.workflow.start<typeof backlog>('backlog', {
        workflowId: h.id(`${name}-${id}`),
        taskQueue,
        args: [ARTICLES],
        // The server notices a killed worker by this.
        workflowTaskTimeout: '2s',
      });
    return { service, start, until, call };
  };

  test('a worker is killed holding the last trial: its lease goes to another, and the breaker closes', async (t) => {
    let hangs = false;
    let inTrial: string | undefined;
    const after: string[] = [];
    const { service, start, until, call } = await stage(t, 'killed', 3_000, async (worker) => {
      if (inTrial !== undefined) after.push(worker);
      if (!hangs) return;
      hangs = false;
      inTrial = worker;
      await new Promise(() => undefined);
    });
    const fleet = await start(['w1', 'w2']);
    service.isUp = false;
    const handle = await call();
    await until(({ status }) => status === 'OPEN');
    hangs = true;
    const dead = await eventually(() => inTrial);
    await fleet.kill(dead);
    service.isUp = true;
    const { transitions } = await until(({ status }) => status === 'CLOSED');
    assert.equal(transitions.at(-1)?.reason.cause, 'trials-succeeded');
    assert.deepEqual([...new Set(after)], [dead === 'w1' ? 'w2' : 'w1']);
    assert.equal(await handle.result(), ARTICLES);
  });

  for (const [direction, shiftMs] of [
    ['ahead', HOUR_MS],
    ['behind', -HOUR_MS],
  ] as const) {
    test(`a worker whose clock is an hour ${direction}: rejected for as long as the others, then all goes on`, async (t) => {
      const called = new Set<string>();
      const { service, start, until, call } = await stage(t, direction, OPEN_MS, (worker) => {
        called.add(worker);
      });
      await start(['right']);
      service.isUp = false;
      const first = await call('first');
      await until(({ status }) => status === 'OPEN');
      // It learns of the breaker from the breaker: nothing has failed here.
      await start(['shifted'], shiftMs);
      const second = await call('second');
      const turnedAway = await eventually(async () => {
        const { pendingActivities } = (await second.describe()).raw;
        return pendingActivities?.find(
          ({ lastWorkerIdentity, lastFailure }) =>
            lastWorkerIdentity?.startsWith('shifted') && lastFailure?.message?.startsWith('Circuit breaker'),
        );
      });
      assert.match(turnedAway.lastFailure?.message ?? '', /" is (half-)?open.*: not called, tried again at /);
      service.isUp = true;
      called.clear();
      const { transitions } = await until(({ status }) => status === 'CLOSED');
      assert.deepEqual([await first.result(), await second.result()], [ARTICLES, ARTICLES]);
      assert.deepEqual([...called].sort(), ['right', 'shifted']);
      const opened = transitions.findLast(({ to }) => to === 'OPEN');
      const openFor = (transitions.at(-1)?.at ?? Number.NaN) - (opened?.at ?? Number.NaN);
      // At the latest by the trial after the open time; the first call of the backlog that has not failed yet may close it before.
      assert.ok(openFor < 4 * OPEN_MS, `open for ${openFor} ms`);
    });
  }
});
