import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { apiRequest } from 'temporal-recovery/activity';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('apiRequest as an activity of a worker', () => {
  const asked: IncomingHttpHeaders[] = [];
  let status = 503;
  const server = createServer((request, response) => {
    asked.push(request.headers);
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  let url = '';
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
  });
  after(() => server.close());
  const get = useHarness('api-request', (h) =>
    h.startWorker({
      workflowsPath,
      activities: { apiRequest },
      plugins: [
        h.plugin({ maxRetries: 2, retryDelay: 1, breaker: undefined, breakers: { '*': { openTime: '1s' } } }),
      ],
    }),
  );
  const call = (method: string) =>
    get().client.workflow.execute<typeof callOne>('callOne', {
      workflowId: get().id(`${method}-${Math.random()}`),
      taskQueue: get().taskQueue,
      args: ['apiRequest', [{ method, url }]],
    });

  test('the same idempotency key in all attempts and in the replay of the dead letter, another for another call', async () => {
    status = 503;
    const seen = await call('POST');
    assert.equal(asked.length, 3);
    const letter = get().recovery.deadLetters.get(seen.deadLetterId ?? '');
    const { record } = await letter.describe();
    assert.equal(record.error.statusCode, 503);
    assert.equal(record.error.requestMethod, 'POST');
    assert.match(record.error.requestUrl ?? '', /\/orders$/);
    status = 200;
    assert.equal((await letter.replay({ force: true })).outcome, 'REPLAYED');
    const keys = asked.map((headers) => headers['idempotency-key']);
    assert.equal(keys.length, 4);
    assert.equal(new Set(keys).size, 1);
    assert.ok(keys[0]);
    await call('POST');
    assert.notEqual(asked.at(-1)?.['idempotency-key'], keys[0]);
    await call('GET');
    assert.equal(asked.at(-1)?.['idempotency-key'], undefined);
  });

  test('its circuit breaker is that of the host', async () => {
    status = 503;
    await Promise.all(Array.from({ length: 5 }, () => call('DELETE')));
    await eventually(async () =>
      (await get().recovery.breakers.list()).some(({ name }) => name === 'host:127.0.0.1'),
    );
  });
});
