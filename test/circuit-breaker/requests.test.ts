import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { ensureBreaker, orderBreaker, readBreaker } from '../../client/circuit-breaker/entity.js';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { FleetLink } from '../../worker/circuit-breaker/fleet-link.js';
import { eventually, useHarness } from '../support/harness.js';

/** Longer than two waits of a worker that follows a breaker in trouble. */
const OBSERVED_MS = 8_000;

describe('following a circuit breaker', () => {
  const get = useHarness('breaker-requests', (h) =>
    h.startWorker({ workflowsPath: require.resolve('./workflows.js') }),
  );

  test('takes one request every few seconds, and ends with the run', async () => {
    const { id, namespace, recoveryTaskQueue, connect } = get();
    const connection = await connect();
    const client = new Client({ connection, namespace });
    const name = id('followed');
    const config = parseBreakerConfig({});
    await ensureBreaker(client, recoveryTaskQueue, {
      ...{ name, config },
      configuredAt: new Date().toISOString(),
    });
    const run = await eventually(() => readBreaker(client, name));

    let requests = 0;
    const { workflowService } = connection;
    const send = workflowService.getWorkflowExecutionHistory.bind(workflowService);
    workflowService.getWorkflowExecutionHistory = ((request: Parameters<typeof send>[0]) => {
      requests++;
      return send(request);
    }) as typeof send;
    const link = new FleetLink(client, recoveryTaskQueue);
    const ended = link.untilRunEnds(name, run.runId, () => false, new AbortController().signal);
    await sleep(OBSERVED_MS);
    assert.ok(requests >= 2 && requests <= 5, `${requests} requests`);

    await orderBreaker(client, recoveryTaskQueue, name, { signal: 'forceOpen', input: {} });
    await ended;
    assert.notEqual((await readBreaker(client, name))?.runId, run.runId);
    link.close();
  });
});
