// Without the option `limits` nothing of it runs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useHarness } from '../support/harness.js';

describe('a plugin without limits', () => {
  const get = useHarness('no-limits');

  test('loads none of their code, starts no entity, and makes calls as before', async () => {
    const h = get();
    const breaker = h.id('api');
    await h.startWorker({
      workflowsPath: require.resolve('./workflows.js'),
      activities: { push: async () => 'ok' },
      plugins: [h.plugin({ breaker })],
    });
    const { taskQueue } = h;
    const handles = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        h.client.workflow.start('one', { workflowId: h.id(`${at}`), taskQueue, args: ['push', {}] }),
      ),
    );
    await Promise.all(handles.map((handle) => handle.result()));
    const loaded = Object.keys(require.cache).filter((path) =>
      /worker\/limit\/worker-limits\.js$/.test(path),
    );
    assert.deepEqual(loaded, []);
    const listed = await h.recovery.limits.list();
    assert.deepEqual(
      listed.filter(({ name }) => name === breaker),
      [],
    );
  });
});
