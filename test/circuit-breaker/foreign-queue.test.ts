import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecoveryClient } from 'temporal-recovery/client';
import { eventually, logLines, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('./workflows.js');
const CALLERS = ['on a queue without a worker', 'on the queue of another recovery worker'] as const;

describe('a breaker that a client has made on another task queue', { concurrency: true }, () => {
  const get = useHarness('foreign-queue');

  const problems = (name: string) =>
    logLines.filter(({ level, meta }) => level === 'ERROR' && String(meta?.message).includes(`"${name}"`));

  for (const caller of CALLERS) {
    test(`${caller}: ${caller === CALLERS[0] ? 'the worker says so, and what to do' : 'it works, and nothing is said'}`, async () => {
      const h = get();
      const isServed = caller === CALLERS[1];
      const id = h.id(isServed ? 'served' : 'unserved');
      const taskQueue = `${id}-other`;
      if (isServed) {
        await h.startWorker({ taskQueue: `${id}-tasks`, workflowsPath, plugins: [h.plugin({ taskQueue })] });
      }
      const client = new RecoveryClient({ client: h.client, taskQueue });
      await client.breakers.get(id).forceOpen({ by: 'ada' });
      const isOpen = async () => (await client.breakers.get(id).describe()).status === 'FORCED_OPEN';
      // A recovery worker that has just started polls a moment later.
      if (isServed) await eventually(isOpen);
      await h.startWorker({
        ...{ taskQueue: id, workflowsPath },
        plugins: [h.plugin({ taskQueue: `${id}-recovery`, breaker: undefined, breakers: { [id]: {} } })],
      });
      if (isServed) {
        await eventually(isOpen);
        assert.deepEqual(problems(id), []);
        return;
      }
      const [problem] = await eventually(() => problems(id).length > 0 && problems(id));
      assert.match(
        String(problem?.meta?.message),
        /^Circuit breaker ".*": it is on task queue ".*-other", which no worker polls; .* Terminate the workflow/,
      );
    });
  }
});
