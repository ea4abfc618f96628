import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecoveryPlugin } from 'temporal-recovery';
import { failing, hang, http, type RecoveryTest } from 'temporal-recovery/testing';
import { eventually, type Harness, logLines, useHarness, workflowsPath } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';
import { withKit } from './with-kit.js';

describe('the test kit on a real server', () => {
  const harness = useHarness('test-kit');

  async function using(
    activities: Record<string, (...args: never[]) => Promise<unknown>>,
    run: (recovery: RecoveryTest, harness: Harness) => Promise<void>,
    options?: Parameters<RecoveryTest['plugin']>[0],
  ): Promise<void> {
    const h = harness();
    await withKit(h, { workflowsPath, activities, options }, (recovery) => run(recovery, h));
  }

  const call = (h: Harness, recovery: RecoveryTest, workflowId: string, activity: string, options = {}) =>
    h.client.workflow.start('callOne', {
      ...{ workflowId: h.id(workflowId), taskQueue: recovery.taskQueue },
      args: [activity, [workflowId], options],
    });

  test('a letter that is expected is found and replayed; another is described', async () => {
    const write = failing(async (record: string) => `wrote ${record}`).byRecord((record) =>
      record === 'bad' ? http(422) : undefined,
    );
    await using({ write }, async (recovery, h) => {
      const good: Seen = await (await call(h, recovery, 'good', 'write')).result();
      assert.equal(good.result, 'wrote good');
      await (await call(h, recovery, 'bad', 'write')).result();

      const letter = await recovery.expectDeadLetter({
        ...{ workflowId: h.id('bad'), operation: 'write', category: 'VALIDATION', status: 'WAITING' },
      });
      assert.deepEqual(
        (await recovery.deadLettersOf({ workflowId: h.id('bad') })).map(({ id }) => id),
        [letter.id],
      );
      assert.deepEqual(await recovery.expectDeadLetter({ workflowId: h.id('good'), count: 0 }), []);
      await assert.rejects(
        recovery.expectDeadLetter({ operation: 'read', timeout: 100 }),
        /^AssertionError.*: Expected 1 dead letter with operation "read"; found 0\.\nWritten in this test \(1\):\n {2}WAITING {2}write {2}VALIDATION {2}422 /,
      );
      write.mend();
      assert.equal((await letter.handle.replay({ by: 'test' })).outcome, 'REPLAYED');
      await recovery.expectDeadLetter({ status: 'REPLAYED' });
    });
  });

  test('a breaker that is opened by hand rejects at once, and closed lets calls pass', async () => {
    const write = failing('written').times(0).with(http(503));
    await using(
      { write },
      async (recovery, h) => {
        const breaker = h.id('crm');
        await recovery.breakers.open(breaker, { reason: 'a test' });
        const running = await call(h, recovery, 'opened', 'write');
        await eventually(async () => {
          const { raw } = await running.describe();
          return raw.pendingActivities?.[0]?.lastFailure?.message?.includes(breaker);
        });
        assert.equal(write.attempts, 0);
        await recovery.breakers.close(breaker);
        assert.equal((await running.result()).result, 'written');

        await recovery.breakers.halfOpen(breaker);
        const trial = await call(h, recovery, 'trial', 'write');
        assert.equal((await trial.result()).result, 'written');
        await eventually(
          async () => (await recovery.client.breakers.get(breaker).describe()).status === 'CLOSED',
        );
      },
      { breaker: harness().id('crm') },
    );
  });

  test('a quota that is used up by hand holds calls until it is released', async () => {
    const write = failing('written').times(0).with(http(503));
    await using(
      { write },
      async (recovery, h) => {
        const breaker = h.id('quota');
        await recovery.quotas.exhaust(breaker, { until: new Date(Date.now() + 3_600_000) });
        // The first call of those that have no key is tried now and then; a second one waits.
        assert.equal((await recovery.client.breakers.get(breaker).describe()).status, 'THROTTLED');
        await assert.rejects(recovery.quotas.exhaust(breaker, { for: 0 }), /in the future; got 0/);
        await recovery.quotas.release(breaker);
        assert.equal((await recovery.client.breakers.get(breaker).describe()).status, 'CLOSED');
        assert.equal((await (await call(h, recovery, 'released', 'write')).result()).result, 'written');
      },
      { breaker: harness().id('quota') },
    );
  });

  test('a quota of a key holds the calls of that key', async () => {
    const write = failing('written').times(0).with(http(503));
    await using(
      { write },
      async (recovery, h) => {
        const breaker = h.id('keys');
        await recovery.quotas.exhaust(breaker, { key: 'tenant-a', for: '1 hour' });
        const held = await call(h, recovery, 'tenant-a', 'write');
        assert.equal((await (await call(h, recovery, 'tenant-b', 'write')).result()).result, 'written');
        await eventually(async () => {
          const { raw } = await held.describe();
          return raw.pendingActivities?.[0]?.lastFailure?.message !== undefined;
        });
        assert.equal(write.attempts, 1);
        await recovery.quotas.release(breaker);
        assert.equal((await held.result()).result, 'written');
      },
      { breaker: harness().id('keys'), quotaKey: (_, [record]) => record },
    );
  });

  test('the clock of quotas moves on: calls of a quota whose time has passed go on, others wait', async () => {
    const write = failing('written').times(0).with(http(503));
    await using(
      { write },
      async (recovery, h) => {
        const breaker = h.id('clock');
        const { quotas } = recovery;
        const at = (hours: number) => new Date(Date.now() + hours * 3_600_000);
        const waiting = async (tenant: string) => {
          const running = await call(h, recovery, tenant, 'write');
          await eventually(async () => {
            const { raw } = await running.describe();
            return raw.pendingActivities?.[0]?.lastFailure?.message?.includes('not called');
          });
          return running;
        };
        await quotas.exhaust(breaker, { key: 'noon', until: at(1) });
        await quotas.exhaust(breaker, { key: 'evening', for: '4 hours' });
        const [noon, evening] = [await waiting('noon'), await waiting('evening')];
        await quotas.advance('30 minutes');
        assert.equal(write.attempts, 0);
        await quotas.advance('31 minutes');
        assert.equal((await noon.result()).result, 'written');
        assert.equal((await evening.describe()).status.name, 'RUNNING');
        assert.equal(write.attempts, 1);
        // By the same clock this has passed already.
        await assert.rejects(quotas.exhaust(breaker, { key: 'noon', until: at(1) }), /in the future/);
        await quotas.advance('3 hours');
        assert.equal((await evening.result()).result, 'written');
        assert.equal((await recovery.client.breakers.get(breaker).describe()).throttles, undefined);
        await assert.rejects(quotas.advance(0), /advance: by must be a positive time; got 0/);
      },
      { breaker: harness().id('clock'), quotaKey: (_, [record]) => String(record).split('-').at(-1) },
    );
  });

  test('an attempt that hangs times out, and the next one is made', async () => {
    const write = failing('written').times(1).with(hang());
    await using({ write }, async (recovery, h) => {
      const running = await call(h, recovery, 'hangs', 'write', { startToCloseTimeout: '1s' });
      assert.equal((await running.result()).result, 'written');
      assert.deepEqual([write.attempts, write.injected], [2, 1]);
      assert.deepEqual(await recovery.deadLetters(), []);
    });
  });

  test('leaves no letter and no breaker open', async () => {
    const ids: string[] = [];
    const write = failing('never').always(http(422));
    await using({ write }, async (recovery, h) => {
      await (await call(h, recovery, 'left', 'write')).result();
      ids.push((await recovery.expectDeadLetter({})).id, `circuit-breaker/${h.id('left')}`);
      await recovery.breakers.open(h.id('left'));
    });
    for (const id of ids)
      assert.equal((await harness().client.workflow.getHandle(id).describe()).status.name, 'TERMINATED');
  });

  test('chaos: poison becomes a letter that no replay cures; a lost response was carried out', async () => {
    const carriedOut: string[] = [];
    const write = async (record: string) => void carriedOut.push(record);
    await using(
      { write },
      async (recovery, h) => {
        await (await call(h, recovery, 'poison', 'write')).result();
        const letter = await recovery.expectDeadLetter({ category: 'VALIDATION' });
        assert.match(letter.state.record.error.message, /injected by temporal-recovery/);
        assert.equal((await letter.handle.replay()).outcome, 'FAILED');
        assert.deepEqual(carriedOut, []);
        assert.ok(logLines.some(({ level, message }) => level === 'WARN' && /chaos is set/.test(message)));
      },
      { chaos: { rate: 1, kinds: ['invalid'] } },
    );
    await using(
      { write },
      async (recovery, h) => {
        await (await call(h, recovery, 'lost', 'write', { retry: { maximumAttempts: 1 } })).result();
        await recovery.expectDeadLetter({ category: 'NETWORK' });
        assert.deepEqual(carriedOut, ['lost']);
      },
      { chaos: { rate: 1, kinds: ['lostResponse'], operations: ['wr*'] }, breaker: false, patience: 0 },
    );
  });

  test('chaos: no worker starts with it in a namespace that looks like production', () => {
    const plugin = new RecoveryPlugin({ chaos: { rate: 0.1 } });
    const options = { taskQueue: 'orders', namespace: 'orders-prod' };
    assert.throws(() => plugin.configureWorker(options), /orders-prod.*looks like production/);
  });
});
