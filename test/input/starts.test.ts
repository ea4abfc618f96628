import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { DEFAULT_BREAKER_CONFIG } from '../../common/circuit-breaker/index.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';

/** JSON as anybody may type it, and what is no JSON. */
const GARBAGE = [
  undefined,
  'null',
  '{}',
  '[]',
  '7',
  '"text"',
  '{"v":1}',
  '{"version":1}',
  '{"version":1,"id":7,"origin":null}',
  '{"v":1,"name":"x","config":null,"configuredAt":"2026-01-01T00:00:00Z","searchAttributes":[]}',
  '{"v":1,"name":"x","config":{"consecutiveFailures":"five"},"configuredAt":"2026-01-01T00:00:00Z","searchAttributes":[]}',
  '{"v":1,"name":"x","config":{},"configuredAt":"2026-01-01T00:00:00Z","searchAttributes":"none"}',
  '{"v":1,"name":"x","config":{},"configuredAt":"2026-01-01T00:00:00Z","searchAttributes":[],"state":{"status":"OPEN"}}',
  '{"v":1,"name":"x","config":{},"configuredAt":"2026-01-01T00:00:00Z","searchAttributes":[],"state":{"status":"OPEN","epoch":1,"since":1,"until":1e300}}',
  '{"v":1,"name":"x","config":{},"configuredAt":"2026-01-01T00:00:00Z","searchAttributes":[],"state":{"status":"HALF_OPEN","epoch":1,"since":1,"leases":5}}',
  '{"filter":5}',
  '{"filter":{"since":{}}}',
  '{"ids":[1]}',
  'no JSON',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
];

describe('workflows of ours that are started by hand', () => {
  const get = useHarness('input-starts', (h) => h.startWorker({ workflowsPath }));
  let count = 0;
  const payloadOf = (json: string) => ({
    ...{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(json) },
  });
  const start = async (type: string, ...inputs: (string | undefined)[]) => {
    const { client, namespace, recoveryTaskQueue, id } = get();
    const workflowId = id(`${type}-${count++}`);
    const payloads = inputs.flatMap((json) => (json === undefined ? [] : [payloadOf(json)]));
    await client.workflowService.startWorkflowExecution({
      ...{ namespace, workflowId, workflowType: { name: type }, taskQueue: { name: recoveryTaskQueue } },
      ...{ requestId: workflowId, input: { payloads } },
    });
    return client.workflow.getHandle(workflowId);
  };
  const failureOf = async (handle: Awaited<ReturnType<typeof start>>) => {
    const error = await handle.result().then(
      () => assert.fail(`${handle.workflowId} did not fail`),
      (failed) => failed as Error,
    );
    return (error.cause as Error).message;
  };

  for (const type of ['deadLetter', 'circuitBreaker', 'redrive']) {
    test(`${type}: every garbage fails it at once, with a sentence`, async () => {
      const handles = await Promise.all(GARBAGE.map((json) => start(type, json)));
      for (const [index, handle] of handles.entries()) {
        const message = await failureOf(handle);
        assert.match(
          message,
          /(?:must|expected|unknown|which letters|no state|cannot be read)/i,
          `${GARBAGE[index]}: ${message}`,
        );
        const { historyLength } = await handle.describe();
        // Started, one task, perhaps the activity that checks a redrive, and the end: no task failed.
        assert.ok(historyLength <= 12, `${historyLength} events`);
      }
    });
  }

  test('what a run hands to the next is checked too', async () => {
    const failed = await Promise.all(
      ['{}', '7', '{"plan":{"v":1}}', '{"story":[null]}', '"x"'].map(async (json) =>
        failureOf(await start('redrive', '{"filter":{}}', json)),
      ),
    );
    for (const message of failed) assert.match(message, /carried.* must be .*Leave it out/);
  });
});

describe('what is sent to a circuit breaker', () => {
  const get = useHarness('input-breakers', (h) => h.startWorker({ workflowsPath }));
  let count = 0;
  const breaker = async () => {
    const { client, recoveryTaskQueue, id } = get();
    const name = id(`b${count++}`);
    const input = {
      v: 1,
      name,
      config: DEFAULT_BREAKER_CONFIG,
      configuredAt: '2026-01-01T00:00:00Z',
      searchAttributes: [],
    };
    return client.workflow.start('circuitBreaker', {
      ...{ workflowId: `circuit-breaker/${name}`, taskQueue: recoveryTaskQueue, args: [input] },
    });
  };
  type Handle = WorkflowHandle;
  const stateOf = (handle: Handle) => handle.query<{ status: string; failuresInARow: number }>('state');
  const detailsOf = async (handle: Handle) =>
    handle.query<string>('__temporal_workflow_metadata').then((metadata) => JSON.stringify(metadata));
  const report = (more: object) => ({
    v: 1,
    worker: 'w',
    sequence: count++,
    results: [],
    config: DEFAULT_BREAKER_CONFIG,
    configuredAt: '2026-01-01T00:00:00Z',
    ...more,
  });

  test('an expiry above ten years changes nothing and says so', async () => {
    for (const expiresIn of ['100000000 days', 1e300, 4e11, -1, 'soon']) {
      const handle = await breaker();
      await handle.signal('forceOpen', { expiresIn });
      assert.match(await detailsOf(handle), /at most 10 years/);
      assert.equal((await stateOf(handle)).status, 'CLOSED');
    }
    const handle = await breaker();
    await handle.signal('forceOpen', { expiresIn: '10 years' });
    await eventually(async () => (await stateOf(handle)).status === 'FORCED_OPEN');
  });

  test('of a report that is partly wrong the rest is counted, and what is wrong is noted', async () => {
    const handle = await breaker();
    const failure = { outcome: 'failure', category: 'SERVER', execution: 'a' };
    for (const results of [
      [null, failure],
      ['failure', failure],
      [{ outcome: 'perhaps' }, { ...failure, execution: 'b' }],
      [
        { ...failure, execution: 7 },
        { ...failure, retryAfterMs: 'x' },
        { ...failure, execution: 'c' },
      ],
    ]) {
      await handle.signal('report', report({ results }));
    }
    await handle.signal('report', report({ results: [{ ...failure, execution: 'd' }], config: null }));
    await handle.signal('report', report({ config: { openTime: 'x' }, trip: { cause: { a: 1 } } }));
    assert.equal((await stateOf(handle)).failuresInARow, 4);
    const details = await detailsOf(handle);
    assert.match(details, /report\.trip\.cause must be/);
    assert.match(details, /config/);
  });

  test('reports and requests that are none change nothing', async () => {
    const handle = await breaker();
    for (const garbage of [null, 7, [], {}, { v: 2 }, report({ worker: '' }), report({ sequence: 1.5 })]) {
      await handle.signal('report', garbage);
    }
    for (const garbage of [
      {},
      { v: 1, worker: 'w', leaseMs: 'long' },
      { v: 1, worker: 'w', execution: {} },
    ]) {
      await assert.rejects(handle.executeUpdate('acquireTrial', { args: [garbage] }));
    }
    await handle.signal('reset', ...new Array<object>(100).fill({ by: 'ada' }));
    const { failuresInARow } = await stateOf(get().client.workflow.getHandle(handle.workflowId));
    assert.equal(failuresInARow, 0);
  });
});
