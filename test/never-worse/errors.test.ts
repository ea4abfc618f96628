// Reports of errors to the fleet are beside the calls: they make no call later, longer or more expensive.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyticsWorkflowId } from '../../common/error-analytics/messages.js';
import { useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';

const CALLS = 60;

describe('a workload whose attempts fail and are retried', () => {
  const get = useHarness('errors-never-worse');

  const retried = (analytics: boolean) => async (run: Run) => {
    let calls = 0;
    const failed = new Set<string>();
    const worker = await run.startWorker(
      {
        async write(record: number) {
          calls++;
          const key = `${record}`;
          if (failed.has(key)) return 'ok';
          failed.add(key);
          throw httpError(500);
        },
      },
      { analytics, breaker: false },
    );
    const began = performance.now();
    const lost = await run.client.workflow.execute('parallel', {
      ...{ workflowId: run.id, taskQueue: run.taskQueue, args: [CALLS] },
    });
    const tookMs = Math.round(performance.now() - began);
    const events = await run.events();
    const stopping = performance.now();
    await worker.stop();
    return { lost, calls, events, tookMs, stopMs: Math.round(performance.now() - stopping) };
  };

  test('the same calls, results and history, not later; the worker stops as soon', async (t) => {
    const h = get();
    const { withIt, without } = await bothWays(h, 'reported', retried(true));
    const { withIt: silent } = await bothWays(h, 'silent', retried(false));
    t.diagnostic(JSON.stringify({ withIt, without, silent }));
    for (const each of [withIt, without, silent]) {
      assert.equal(each.lost, 0);
      assert.equal(each.calls, 2 * CALLS);
      assert.equal(each.events, without.events);
    }
    // Retries are spread over some seconds with and without the plugin.
    assert.ok(withIt.tookMs < without.tookMs + 5_000, `${withIt.tookMs} ms, ${without.tookMs} ms without`);
    assert.ok(
      withIt.stopMs < silent.stopMs + 2_500,
      `${withIt.stopMs} ms to stop, ${silent.stopMs} ms without reports`,
    );
    // One report for all.
    const { events } = await h.client.workflow
      .getHandle(analyticsWorkflowId(h.recoveryTaskQueue))
      .fetchHistory();
    const reports = (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
    assert.ok(reports.length >= 1 && reports.length <= 3, `${reports.length} reports`);
  });
});
