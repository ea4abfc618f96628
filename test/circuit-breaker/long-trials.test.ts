import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallPermit } from '../../activities/failing-call/breaker-guard.js';
import { type BreakerConfig, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { eventually, useHarness } from '../support/harness.js';
import { breakers, call } from './views.js';

const workflowsPath = require.resolve('../support/workflows.js');
const QUICK = parseBreakerConfig({ openTime: 500 });
const SLOW = parseBreakerConfig({ openTime: 500, slowCallRate: { slowCallDuration: 10_000 } });
const TWICE = parseBreakerConfig({ openTime: 500, halfOpen: { successesToClose: 2 } });

describe('a trial that still runs when the failed calls would have ended', { concurrency: true }, () => {
  const get = useHarness('long-trials', (h) =>
    h.startWorker({ workflowsPath, plugins: [h.plugin({ breaker: undefined })] }),
  );

  /** A breaker that calls of this duration have opened. */
  async function opened(id: string, durationMs: number, config?: BreakerConfig) {
    const name = get().id(id);
    const { made, fail } = breakers(get().client, get().recoveryTaskQueue, { config: config ?? QUICK });
    const handle = get().recovery.breakers.get(name);
    const end = (execution: string, permit: CallPermit, outcome: 'success' | 'failure') =>
      made.settle(call(name, execution, false), permit, { outcome, category: 'SERVER', durationMs });
    /** A call that is let through as a trial, and begins. */
    const trial = async (execution: string) => {
      const permit = await eventually(async () => {
        const admission = await made.admit(call(name, execution, false));
        if (!admission.admitted) return undefined;
        if (admission.permit.fleetTrial !== undefined) return admission.permit;
        end(execution, admission.permit, 'failure');
        return undefined;
      });
      made.begun(call(name, execution, false), permit);
      return permit;
    };
    const failAll = async () => {
      for (let n = 0; n < 5; n++) {
        const failing = call(name, `${n}-${Math.random()}`);
        const admission = await made.admit(failing);
        if (admission.admitted)
          made.settle(failing, admission.permit, { outcome: 'failure', category: 'SERVER', durationMs });
      }
      await eventually(async () => (await handle.describe()).status !== 'CLOSED');
    };
    const closed = () =>
      eventually(async () => {
        const { status, transitions } = await handle.describe();
        return status === 'CLOSED' ? transitions.at(-1)?.reason : undefined;
      });
    const passes = () =>
      eventually(async () => {
        const admission = await made.admit(call(name, 'others', false));
        return admission.admitted && admission.permit.fleetTrial === undefined;
      });
    await failAll();
    return { made, name, handle, trial, end, closed, passes, failAll, fail };
  }

  test('closes the breaker of the fleet, which says why; its late failure is one failure', async () => {
    const { made, handle, trial, end, closed, passes } = await opened('closes', 10);
    const permit = await trial('long');
    const { cause, stillRunning } = await closed();
    assert.deepEqual([cause, stillRunning], ['trials-succeeded', true]);
    await passes();
    end('long', permit, 'failure');
    await eventually(async () => (await handle.describe()).failuresInARow === 1);
    assert.equal((await handle.describe()).status, 'CLOSED');
    await made.close();
  });

  test('a worker that has seen no failure counts it too, and others go on', async () => {
    const { made, name, closed } = await opened('other-worker', 10);
    const other = breakers(get().client, get().recoveryTaskQueue, { config: QUICK });
    const permit = await eventually(async () => {
      const admission = await other.made.admit(call(name, 'long', false));
      return admission.admitted && admission.permit.fleetTrial && admission.permit;
    });
    other.made.begun(call(name, 'long', false), permit);
    assert.equal((await closed()).stillRunning, true);
    await Promise.all([made.close(), other.made.close()]);
  });

  test('where the service takes calls and fails them late, each time one has to run twice as long', async () => {
    const { made, trial, closed, passes, failAll, handle } = await opened('late', 10);
    await trial('first');
    await closed();
    await passes();
    await failAll();
    await trial('second');
    const begun = Date.now();
    await closed();
    assert.ok(Date.now() - begun > 3_000, `${Date.now() - begun} ms`);
    assert.equal((await handle.describe()).transitions.at(-1)?.reason.stillRunning, true);
    await made.close();
  });

  for (const [why, durationMs, config] of [
    ['failed calls that took as long', 60_000, QUICK],
    ['a breaker that judges slow calls', 10, SLOW],
    ['two trials have to succeed', 10, TWICE],
  ] as const) {
    test(`closes nothing: ${why}`, async () => {
      const { made, handle, trial, end } = await opened(`not-${why}`, durationMs, config);
      const permit = await trial('long');
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const { transitions, status } = await handle.describe();
      assert.equal(status, 'HALF_OPEN');
      assert.ok(transitions.every(({ reason }) => reason.stillRunning === undefined));
      end('long', permit, 'success');
      if (config !== TWICE) await eventually(async () => (await handle.describe()).status === 'CLOSED');
      await made.close();
    });
  }

  test('a call that has not begun says nothing: it waits for a known limit', async () => {
    const { made, name, handle } = await opened('not-begun', 10);
    await eventually(async () => (await made.admit(call(name, 'waits', false))).admitted);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal((await handle.describe()).status, 'HALF_OPEN');
    await made.close();
  });
});
