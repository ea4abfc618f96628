import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');

describe('local activities', () => {
  const attempts = new Map<string, boolean[]>();
  let mended = false;
  const activities = {
    async fail(key: string, status: number) {
      attempts.set(key, [...(attempts.get(key) ?? []), true]);
      if (!mended) throw Object.assign(new Error(`status ${status}`), { status });
      return 'mended';
    },
  };
  const get = useHarness('local', (h) =>
    h.startWorker({
      workflowsPath,
      activities,
      plugins: [h.plugin({ maxRetries: 2, retryDelay: 1, replay: { scheduleToStartTimeout: '5s' } })],
    }),
  );
  const call = async (args: unknown[], options?: object): Promise<Seen> =>
    (await get().client.workflow.execute('recoverLocalCall', {
      workflowId: get().id(`local-${Math.random()}`),
      taskQueue: get().taskQueue,
      args: ['fail', args, options],
    })) as Seen;

  test('are retried by category, and become dead letters that are replayed as ordinary activities', async () => {
    const seen = await call(['letter', 503]);
    assert.equal(attempts.get('letter')?.length, 3);
    assert.equal(seen.error?.causeMessage, 'status 503');
    const letter = get().recovery.deadLetters.get(seen.deadLetterId ?? '');
    const { record } = await letter.describe();
    assert.equal(record.error.errorCategory, 'SERVER');
    assert.equal(record.attemptCount, 3);
    mended = true;
    assert.equal((await letter.replay()).outcome, 'REPLAYED');
    mended = false;
    const { status } = await eventually(() => letter.describe());
    assert.equal(status, 'REPLAYED');
  });

  test('hopeless errors end after one attempt', async () => {
    await call(['hopeless', 422]);
    assert.equal(attempts.get('hopeless')?.length, 1);
  });

  test('have fallbacks and skips', async () => {
    assert.deepEqual(await call(['f', 422], { recovery: { fallback: { value: 7 } } }), { result: 7 });
    assert.deepEqual(await call(['s', 422], { recovery: { strategies: 'SKIP' } }), { result: 'undefined' });
    const seen = await call(['x', 422], { recovery: { onExhausted: 'fail' } });
    assert.equal(seen.deadLetterId, undefined);
    assert.equal(seen.error?.causeMessage, 'status 422');
  });
});
