import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { withLimit } from '../../client/server/with-limit.js';
import { useHarness } from '../support/harness.js';

describe('a limit to the wait for the server', () => {
  const get = useHarness('with-limit');

  /** A worker's own connection, which cannot cancel requests, and one that waits for what never comes. */
  const scene = async (name: string) => {
    const h = get();
    const client = new Client({ connection: await h.connect() });
    const handle = await client.workflow.start('nobody-runs-it', {
      workflowId: h.id(name),
      taskQueue: h.id(name),
      workflowExecutionTimeout: '5 minutes',
    });
    return { client, wait: () => handle.result() };
  };

  test('ends the wait', async () => {
    const { client, wait } = await scene('time');
    await assert.rejects(withLimit(client, { limitMs: 200 }, wait), {
      name: 'NoAnswerError',
      message: 'No answer within 200 ms',
    });
  });

  test('a signal ends it before', { timeout: 20_000 }, async () => {
    const { client, wait } = await scene('signal');
    const controller = new AbortController();
    const waiting = withLimit(client, { limitMs: 60_000, signals: [controller.signal] }, wait);
    controller.abort();
    await assert.rejects(waiting, { name: 'NoAnswerError' });
    await assert.rejects(withLimit(client, { limitMs: 60_000, signals: [controller.signal] }, wait), {
      name: 'NoAnswerError',
    });
  });

  test('an answer or an error before its end is passed on', async () => {
    const { client } = await scene('answer');
    assert.equal(await withLimit(client, { limitMs: 60_000 }, async () => 42), 42);
    const missing = () => client.workflow.getHandle('none').describe();
    await assert.rejects(withLimit(client, { limitMs: 60_000 }, missing), { name: 'WorkflowNotFoundError' });
  });
});
