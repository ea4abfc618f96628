import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { eventually, useHarness } from '../support/harness.js';
import { breakers, call } from './views.js';

const workflowsPath = require.resolve('../support/workflows.js');
const SLOW = parseBreakerConfig({ openTime: 500, slowCallRate: { slowCallDuration: 10_000 } });
const QUICK = parseBreakerConfig({ openTime: 500 });

describe('a trial that still runs when the failed calls would have ended', { concurrency: true }, () => {
  const get = useHarness('long-trials', (h) =>
    h.startWorker({ workflowsPath, plugins: [h.plugin({ breaker: undefined })] }),
  );

  /** An open breaker, and the first of the calls that it lets through, which does not end. */
  async function opened(name: string, config = QUICK, durationMs = 10) {
    const worker = breakers(get().client, get().recoveryTaskQueue, { config });
    const { made } = worker;
    const end = (permit: Parameters<typeof made.settle>[1], outcome: 'success' | 'failure') =>
      made.settle(call(name, 'x'), permit, { outcome, category: 'SERVER', durationMs });
    const trial = (execution: string) =>
      eventually(async () => {
        const admission = await made.admit(call(name, execution, false));
        return admission.admitted && (admission.permit.fleetTrial ?? admission.permit.trial)
          ? admission.permit
          : undefined;
      });
    for (let n = 0; n < 5; n++) {
      const failing = call(name, `${n}`);
      const admission = await made.admit(failing);
      if (admission.admitted)
        made.settle(failing, admission.permit, { outcome: 'failure', category: 'SERVER', durationMs });
    }
    const handle = get().recovery.breakers.get(name);
    await eventually(async () => (await handle.describe()).status === 'OPEN');
    return { ...worker, handle, trial, end };
  }

  test('closes the breaker of the fleet, which says why; its late failure is one failure', async () => {
    const { made, handle, trial, end } = await opened(get().id('closes'));
    const permit = await trial('long');
    const { transitions } = await eventually(async () => {
      const found = await handle.describe();
      return found.status === 'CLOSED' ? found : undefined;
    });
    assert.equal(transitions.at(-1)?.reason.cause, 'trial-still-running');
    const admission = await made.admit(call(handle.name, 'next', false));
    assert.ok(admission.admitted);
    end(permit, 'failure');
    await eventually(async () => (await handle.describe()).failuresInARow <= 1);
    assert.equal((await handle.describe()).status, 'CLOSED');
    await made.close();
  });

  test('closes it once: where the service takes calls and fails them late, the next trial has to end', async () => {
    const { made, handle, trial, end, fail } = await opened(get().id('once'));
    const first = await trial('first');
    await eventually(async () => (await handle.describe()).status === 'CLOSED');
    // The worker has heard of it.
    await eventually(async () => {
      const admission = await made.admit(call(handle.name, 'seen', false));
      return (
        admission.admitted &&
        admission.permit.trial === undefined &&
        admission.permit.fleetTrial === undefined
      );
    });
    await fail(handle.name, 5);
    await eventually(async () => (await handle.describe()).status !== 'CLOSED');
    const second = await trial('second');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal((await handle.describe()).status, 'HALF_OPEN');
    end(second, 'success');
    await eventually(
      async () => (await handle.describe()).transitions.at(-1)?.reason.cause === 'trials-succeeded',
    );
    end(first, 'failure');
    await made.close();
  });

  for (const [why, config, durationMs] of [
    ['failed calls that took as long', QUICK, 60_000],
    ['a breaker that judges slow calls', SLOW, 10],
  ] as const) {
    test(`closes nothing: ${why}`, async () => {
      const { made, handle, trial, end } = await opened(get().id(`not-${durationMs}`), config, durationMs);
      const permit = await trial('long');
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const { transitions } = await handle.describe();
      assert.ok(transitions.every(({ reason }) => reason.cause !== 'trial-still-running'));
      end(permit, 'success');
      await eventually(async () => (await handle.describe()).status === 'CLOSED');
      await made.close();
    });
  }
});
