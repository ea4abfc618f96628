// A limit of the service is a wait and not a failure: workloads that know nothing of the plugin do not do worse with it.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test } from 'node:test';
import { eventually, useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';

const tooMany = (retryAfter: number | undefined) =>
  Object.assign(httpError(429, 'too many requests'), {
    response: {
      status: 429,
      headers: retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` },
    },
  });

/** A service that takes some calls in each second. The first calls reach it all at the same moment. */
function limitedService(perSecond: number, retryAfter: number | undefined, atOnce: number) {
  let arrived = 0;
  const gate = new EventEmitter();
  const allAreThere = once(gate, 'open');
  let second = 0;
  let taken = 0;
  const counts = { ok: 0, refused: 0, firstAt: 0, lastAt: 0 };
  return {
    counts,
    async write() {
      if (++arrived === atOnce) gate.emit('open');
      await allAreThere;
      const now = Math.floor(Date.now() / 1_000);
      if (now !== second) [second, taken] = [now, 0];
      if (++taken > perSecond) {
        counts.refused++;
        throw tooMany(retryAfter);
      }
      counts.ok++;
      counts.lastAt = Date.now();
      counts.firstAt ||= counts.lastAt;
    },
  };
}

describe('a workload behind a limit', { concurrency: true }, () => {
  const get = useHarness('quotas-never-worse');

  const records = (retryAfter: number | undefined, calls: number) => async (run: Run) => {
    const { counts, write } = limitedService(10, retryAfter, calls);
    await run.startWorker({ write });
    const failed = await run.client.workflow.execute('parallel', {
      ...{ workflowId: run.id, taskQueue: run.taskQueue, args: [calls] },
    });
    // Without what workers take to start.
    const { ok, refused, firstAt, lastAt } = counts;
    return { failed, ok, refused, tookMs: lastAt - firstAt };
  };

  test('10 calls a second, 429 with Retry-After: all records are written, not later, with no more 429s', async (t) => {
    const { withIt, without } = await bothWays(get(), 'limited', records(1, 60));
    t.diagnostic(JSON.stringify({ withIt, without }));
    assert.deepEqual([withIt.failed, without.failed], [0, 0]);
    assert.ok(withIt.tookMs < without.tookMs + 5_000, `${withIt.tookMs} ms with, ${without.tookMs} without`);
    // Both numbers are a matter of chance; most runs have about half as many.
    assert.ok(
      withIt.refused < without.refused * 1.25 + 5,
      `${withIt.refused} 429s with, ${without.refused} without`,
    );
  });

  test('429 without a wait: all records are written, not much later', async (t) => {
    const { withIt, without } = await bothWays(get(), 'no-wait', records(undefined, 40));
    t.diagnostic(JSON.stringify({ withIt, without }));
    assert.deepEqual([withIt.failed, without.failed], [0, 0]);
    assert.ok(withIt.tookMs < without.tookMs + 15_000, `${withIt.tookMs} ms with, ${without.tookMs} without`);
  });

  test('one tenant has used up its quota: the calls of another wait moments, however long the wait of the first is', async (t) => {
    const WAIT_S = 40;
    const tenants = async (run: Run) => {
      const startedAt = Date.now();
      const refused = new Set<number>();
      await run.startWorker({
        async push(record: number, tenant: string) {
          if (tenant === 'GOOD') return 'ok';
          refused.add(record);
          if (Date.now() < startedAt + WAIT_S * 1_000) throw tooMany(WAIT_S);
          return 'late';
        },
      });
      const execute = (id: string, tenant: string, record = 0) =>
        run.client.workflow.start('one', {
          ...{ workflowId: `${run.id}-${id}`, taskQueue: run.taskQueue, args: ['push', {}, record, tenant] },
        });
      await execute('bad-0', 'BAD', 0);
      await eventually(() => refused.size === 1);
      let worst = 0;
      for (let n = 0; n < 6; n++) {
        const sentAt = Date.now();
        const good = await execute(`good-${n}`, 'GOOD');
        // Records of the other tenant go on coming.
        if (n > 0) await execute(`bad-${n}`, 'BAD', n);
        await good.result();
        worst = Math.max(worst, Date.now() - sentAt);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      return worst;
    };
    const { withIt, without } = await bothWays(get(), 'tenants', tenants);
    t.diagnostic(JSON.stringify({ withIt, without }));
    assert.ok(withIt < without + 10_000, `worst wait ${withIt} ms with, ${without} ms without`);
  });

  test('a limit of each record: the calls of other records do not wait, and all are written', async (t) => {
    const CALLS = 120;
    const stream = async (run: Run) => {
      const refused = new Set<number>();
      const doneAt = new Map<number, number>();
      await run.startWorker({
        async push(record: number) {
          // One record in ten has been written a moment ago.
          if (record % 10 === 3 && !refused.has(record)) {
            refused.add(record);
            throw tooMany(2);
          }
          doneAt.set(record, Date.now());
        },
      });
      const start = (record: number) =>
        run.client.workflow.start('one', {
          workflowId: `${run.id}-${record}`,
          taskQueue: run.taskQueue,
          args: ['push', {}, record],
        });
      // The worker is there.
      await (await start(CALLS)).result();
      const tookMs: Promise<number>[] = [];
      for (let record = 0; record < CALLS; record++) {
        const startedAt = Date.now();
        const handle = await start(record);
        if (record % 10 !== 3) tookMs.push(handle.result().then(() => (doneAt.get(record) ?? 0) - startedAt));
      }
      const sorted = (await Promise.all(tookMs)).sort((a, b) => a - b);
      await eventually(() => doneAt.size === CALLS + 1);
      return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst: sorted.at(-1) ?? 0 };
    };
    const { withIt, without } = await bothWays(get(), 'per-record', stream);
    t.diagnostic(JSON.stringify({ withIt, without }));
    assert.ok(withIt.median < without.median + 500, `${withIt.median} ms with, ${without.median} without`);
    assert.ok(withIt.worst < without.worst + 3_000, `${withIt.worst} ms with, ${without.worst} without`);
  });

  test('maximumAttempts of the call holds', async () => {
    const limited = async (run: Run) => {
      let calls = 0;
      await run.startWorker({
        async push() {
          calls++;
          throw tooMany(1);
        },
      });
      const end = run.client.workflow.execute('one', {
        workflowId: run.id,
        taskQueue: run.taskQueue,
        args: ['push', { retry: { maximumAttempts: 3 } }],
      });
      await assert.rejects(end);
      return calls;
    };
    assert.deepEqual(await bothWays(get(), 'maximum', limited), { withIt: 3, without: 3 });
  });
});
