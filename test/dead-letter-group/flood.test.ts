import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Client } from '@temporalio/client';

import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('../failing-call/workflows.js');
const WORKERS = 4;
/** Failed calls of a workflow, and workflows at the same time. */
const CALLS = 25;
const AT_ONCE = 8;
/** Five thousand take some minutes. */
const LETTERS = Number(process.env.FLOOD_LETTERS ?? 1_000);

/** Signals of a workflow by second, over all of its runs. */
async function signalsBySecond(client: Client, workflowId: string): Promise<Map<number, number>> {
  const bySecond = new Map<number, number>();
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { workflowExecutionSignaledEventAttributes: signal, eventTime } of events ?? []) {
      if (signal?.signalName !== 'report') continue;
      const second = Number(eventTime?.seconds);
      bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    }
  }
  return bySecond;
}

describe('a flood of letters of one group', () => {
  const get = useHarness('group-flood');

  test(`${LETTERS} letters of ${WORKERS} workers: all are counted, with at most five signals a second`, async (t) => {
    const h = get();
    const refuse = async () => {
      throw Object.assign(new Error(`flood ${randomUUID()}`), { status: 422 });
    };
    // Each with a plugin of its own, as in processes of their own.
    for (let at = 0; at < WORKERS; at++) {
      await h.startWorker({
        workflowsPath,
        activities: { refuse },
        connection: await h.connect(),
        plugins: [h.plugin({ runRecoveryWorker: at === 0 })],
      });
    }
    const startedAt = performance.now();
    let next = 0;
    let letters = 0;
    const lane = async () => {
      while (next < LETTERS / CALLS) {
        const workflowId = h.id(`crowd-${next++}`);
        const written = await h.client.workflow.execute('callCrowd', {
          ...{ workflowId, taskQueue: h.taskQueue, args: [CALLS, h.taskQueue] },
        });
        letters += written;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    assert.equal(letters, LETTERS);
    const seconds = (performance.now() - startedAt) / 1_000;
    const [group] = await eventually(async () => {
      const found = await h.recovery.groups.list({ queue: h.queue });
      // More would be counted twice.
      const counted = found.reduce((sum, each) => sum + each.letters, 0);
      if (counted !== LETTERS) throw new Error(`${counted} of ${LETTERS} letters in ${found.length} groups`);
      return found;
    });
    const handle = h.recovery.groups.get(group?.group ?? '', h.queue);
    assert.equal((await handle.describe()).letters, LETTERS);
    const bySecond = await signalsBySecond(h.client, handle.workflowId);
    const signals = [...bySecond.values()].reduce((sum, each) => sum + each, 0);
    t.diagnostic(
      `${LETTERS} letters in ${seconds.toFixed(1)} s; ${signals} signals, at most ${Math.max(...bySecond.values())} in a second`,
    );
    assert.ok(Math.max(...bySecond.values()) <= WORKERS + 1, [...bySecond].join(' '));
    assert.ok(signals / seconds <= 5, `${signals} signals in ${seconds} s`);
  });
});
