// Records that are invalid are the workload's own: by default all of them are called, and none waits for another.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';

const RECORDS = 300;

describe('a workload with many invalid records', () => {
  const get = useHarness('floods-never-worse');

  for (const [percent, thrown] of [
    [60, () => ApplicationFailure.nonRetryable('email is missing', 'Invalid')],
    [100, () => ApplicationFailure.nonRetryable('email is missing', 'Invalid')],
    [100, () => httpError(422, 'email is missing')],
  ] as const) {
    test(`${percent} % invalid, ${thrown().constructor.name}: the same results, and the calls are made as soon`, async (t) => {
      const isBad = (record: number) => record % 10 < percent / 10;
      const { withIt, without } = await bothWays(
        get(),
        `invalid-${percent}-${thrown().name}`,
        async (run: Run) => {
          let calls = 0;
          let [firstAt, lastAt] = [0, 0];
          const { id } = run;
          await run.startWorker({
            async write(record: number) {
              calls++;
              lastAt = Date.now();
              firstAt ||= lastAt;
              if (isBad(record)) throw thrown();
            },
          });
          const startedAt = Date.now();
          const failed = await run.client.workflow.execute('parallel', {
            ...{ workflowId: id, taskQueue: run.taskQueue },
            args: [RECORDS, { retry: { maximumAttempts: 1 } }],
          });
          return { calls, failed, tookMs: lastAt - firstAt, untilEndMs: Date.now() - startedAt };
        },
      );
      t.diagnostic(JSON.stringify({ withIt, without }));
      const expected = { calls: RECORDS, failed: (RECORDS * percent) / 100 };
      for (const { calls, failed } of [withIt, without]) assert.deepEqual({ calls, failed }, expected);
      // The last call is made in the first workflow task's time: none waits for letters.
      assert.ok(
        withIt.tookMs < without.tookMs + 5_000,
        `${withIt.tookMs} ms with, ${without.tookMs} without`,
      );
      // The workflow gets each failure when its letter is written.
      assert.ok(
        withIt.untilEndMs < without.untilEndMs * 4 + 10_000,
        `ended after ${withIt.untilEndMs} ms with, ${without.untilEndMs} without`,
      );
    });
  }

  test('a sequence of records, all invalid: the letters are written, and no call waits', async (t) => {
    const { withIt, without } = await bothWays(get(), 'sequence', async (run: Run) => {
      const at: number[] = [];
      await run.startWorker({
        async write() {
          at.push(Date.now());
          throw ApplicationFailure.nonRetryable('email is missing', 'Invalid');
        },
      });
      const failed = await run.client.workflow.execute('sequence', {
        ...{ workflowId: run.id, taskQueue: run.taskQueue, args: [120] },
      });
      const gaps = at.slice(1).map((each, i) => each - (at[i] ?? 0));
      return { calls: at.length, failed, longest: Math.max(...gaps) };
    });
    t.diagnostic(JSON.stringify({ withIt, without }));
    assert.deepEqual([withIt.calls, withIt.failed], [without.calls, without.failed]);
    assert.ok(
      withIt.longest < without.longest + 5_000,
      `${withIt.longest} ms with, ${without.longest} without`,
    );
  });
});
