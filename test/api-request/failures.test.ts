import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ApiLinkerError } from 'temporal-recovery';
import { type ApiRequestError, apiRequest, createApiRequest, fetchJson } from 'temporal-recovery/activity';
import { z } from 'zod';
import { retryAfterMs } from '../../common/errors/index.js';
import { httpServer } from '../errors/loopback.js';
import { json, service } from './service.js';

async function failure(run: () => Promise<unknown>): Promise<ApiRequestError> {
  const thrown = await run().then(
    () => assert.fail('it should have failed'),
    (error: unknown) => error,
  );
  return thrown as ApiRequestError;
}
const categoryOf = (error: unknown) => ApiLinkerError.fromException(error).errorCategory;

describe('a failed request tells everything a reader of the dead letter needs', () => {
  for (const [status, category] of [
    [400, 'CLIENT'],
    [401, 'AUTH'],
    [404, 'CLIENT'],
    [422, 'VALIDATION'],
    [429, 'RATE_LIMIT'],
    [500, 'SERVER'],
    [503, 'SERVER'],
  ] as const) {
    test(`status ${status} is ${category}`, async (t) => {
      const api = await service(t, (_, response) =>
        json(response, { error: 'why', token: 'hunter2' }, status, { 'retry-after': '7' }),
      );
      const error = await failure(() =>
        apiRequest({ method: 'PUT', url: `${api.url}/x?access_token=hunter2`, json: {} }),
      );
      const seen = ApiLinkerError.fromException(error);
      assert.equal(seen.errorCategory, category);
      assert.equal(seen.statusCode, status);
      assert.equal(seen.requestMethod, 'PUT');
      assert.match(seen.requestUrl ?? '', /\/x\?access_token=\[REDACTED\]$/);
      assert.match(seen.responseBody ?? '', /"error":"why"/);
      assert.equal(seen.correlationId, 'req-1');
      assert.equal(retryAfterMs(error, 0), 7_000);
      assert.doesNotMatch(JSON.stringify(seen), /hunter2/);
    });
  }

  test('a body that is no JSON, and one that does not fit its schema', async (t) => {
    const api = await service(t, ({ url }, response) => {
      if (url === '/broken') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"a":');
      } else json(response, { id: 'x', password: 'hunter2' });
    });
    assert.equal(categoryOf(await failure(() => apiRequest(`${api.url}/broken`))), 'SERVER');
    const schema = z.object({ id: z.number(), password: z.number() });
    const mismatch = await failure(() => fetchJson(api.url, { schema }));
    assert.equal(categoryOf(mismatch), 'VALIDATION');
    assert.match(mismatch.message, /does not fit its schema: id: .*number/);
    assert.doesNotMatch(JSON.stringify(ApiLinkerError.fromException(mismatch)), /hunter2/);
  });

  test('a schema gives the answer its type, whatever library it is of', async (t) => {
    const api = await service(t, (_, response) => json(response, { id: '7' }));
    const { body } = await fetchJson(api.url, { schema: z.object({ id: z.coerce.number() }) });
    assert.equal(body.id + 1, 8);
    const own = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          (value as { id: string }).id === '7' ? { value: 'seven' } : { issues: [{ message: 'not 7' }] },
      },
    };
    const call = createApiRequest({ schemas: { own } });
    assert.equal((await call({ url: api.url, schema: 'own' })).body, 'seven');
  });

  test('a service that refuses, hangs, or hangs in mid-body', async (t) => {
    const refusing = await httpServer(t, (request) => request.socket.destroy());
    assert.equal(categoryOf(await failure(() => apiRequest(refusing))), 'NETWORK');
    const hanging = await httpServer(t, () => {});
    assert.equal(categoryOf(await failure(() => apiRequest({ url: hanging, timeout: 100 }))), 'TIMEOUT');
    const half = await httpServer(t, (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
    });
    const error = await failure(() => apiRequest({ url: half, timeout: '200ms' }));
    assert.equal(categoryOf(error), 'TIMEOUT');
    assert.match(error.message, /within 200 ms/);
  });

  test('a body beyond the limit: announced, streamed, or small only while it is packed', async (t) => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const api = await service(t, ({ url }, response) => {
      if (url === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      else if (url === '/announced') response.writeHead(200, { 'content-length': '2000000' }).end('x');
      else {
        response.writeHead(200);
        for (let part = 0; part < 20; part++) response.write('x'.repeat(100_000));
        response.end();
      }
    });
    for (const path of ['/bomb', '/announced', '/streamed']) {
      const error = await failure(() => apiRequest({ url: api.url + path, maxResponseBytes: 1_000_000 }));
      assert.equal(error.failure, 'size', path);
      assert.equal(categoryOf(error), 'CLIENT');
    }
  });
});

describe('addresses that are not asked', () => {
  const refusedAddresses = [
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b:1::a9fe:a9fe]/',
    'http://[64:ff9b:1:a9fe:a9:fe00::]/',
    'http://[2001:0:4136:e378:8000:63bf:5601:5601]/',
    'http://2852039166/',
    'http://0xa9.0xfe.0xa9.0xfe/',
    'http://0251.0376.0251.0376/',
    'http://100.100.100.200/',
    'http://0.0.0.0/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://METADATA.google.internal./',
  ];
  for (const url of refusedAddresses) {
    test(url, async () => {
      const error = await failure(() => apiRequest({ url, timeout: 2_000 }));
      assert.equal(error.failure, 'address', `${error}`);
      assert.equal(categoryOf(error), 'CLIENT');
    });
  }

  test('a name that resolves to one, also among others', async (t) => {
    const api = await service(t);
    const answers = ['127.0.0.1', '169.254.1.1'].map((address) => ({ address, family: 4 }));
    const lookup = ((_name, options, callback) =>
      options.all
        ? (callback as unknown as (error: null, found: object[]) => void)(null, answers)
        : callback(null, '169.254.1.1', 4)) as LookupFunction;
    const { port } = new URL(api.url);
    const call = createApiRequest({ lookup });
    assert.equal((await failure(() => call(`http://rebinding.test:${port}/`))).failure, 'address');
    assert.equal(api.asked.length, 0);
  });

  test('unless they are allowed by name', async () => {
    const call = createApiRequest({ allowAddresses: ['169.254.0.0/16'] });
    const error = await failure(() => call({ url: 'http://169.254.255.254:9/', timeout: 300 }));
    assert.notEqual(error.failure, 'address');
  });
});

describe('a request that cannot be used is never sent', () => {
  for (const [name, request, pattern] of [
    ['no url', {}, /url/],
    ['another scheme', { url: 'file:///etc/passwd' }, /url/],
    ['no URL at all', { url: 'nonsense' }, /url/],
    ['credentials in the URL', { url: 'http://user:pw@localhost/' }, /url/],
    ['an unknown method', { url: 'http://localhost', method: 'FETCH' }, /method/],
    ['an unknown field', { url: 'http://localhost', retries: 3 }, /retries/],
    ['a status pattern', { url: 'http://localhost', expectedStatus: '2yy' }, /expectedStatus/],
    ['a negative time-out', { url: 'http://localhost', timeout: -1 }, /timeout/],
    ['body and json', { url: 'http://localhost', method: 'POST', body: 'x', json: 1 }, /json|body/],
    ['an unknown schema', { url: 'http://localhost', schema: 'x' }, /schema/],
  ] as const) {
    test(name, async () => {
      const error = await failure(() => apiRequest(request as never));
      assert.ok(error instanceof ApplicationFailure, `${error}`);
      assert.equal((error as unknown as ApplicationFailure).nonRetryable, true);
      assert.match((error as Error).message, pattern);
      assert.doesNotMatch((error as Error).message, /user:pw/);
      assert.equal(categoryOf(error), 'VALIDATION');
    });
  }

  test('options that cannot be used are refused when the activity is made', () => {
    assert.throws(() => createApiRequest({ timeout: 'soon' }), /timeout/);
    assert.throws(() => createApiRequest({ allowAddresses: ['not an address!'] }), /allowAddresses/);
    assert.throws(() => createApiRequest({ colour: 'red' } as never), /colour/);
  });
});

describe('in an activity', () => {
  test('cancellation ends the request, and is no failure', async (t) => {
    const asked = new AbortController();
    const hanging = await httpServer(t, () => asked.abort());
    const environment = new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000 });
    const run = environment.run(apiRequest, { url: hanging });
    await once(asked.signal, 'abort');
    environment.cancel();
    await assert.rejects(run, CancelledFailure);
  });

  test('it never takes longer than the attempt may', async (t) => {
    const hanging = await httpServer(t, () => {});
    const environment = new MockActivityEnvironment({ startToCloseTimeoutMs: 400 });
    const started = Date.now();
    const error = await failure(() => environment.run(apiRequest, { url: hanging }));
    assert.equal(categoryOf(error), 'TIMEOUT');
    assert.match(error.message, /start-to-close/);
    assert.ok(Date.now() - started < 2_000);
  });

  test('heartbeats are sent while it waits, with the details that were there', async (t) => {
    const hanging = await httpServer(t, () => {});
    const environment = new MockActivityEnvironment({
      startToCloseTimeoutMs: 60_000,
      heartbeatTimeoutMs: 60,
      heartbeatDetails: { page: 3 },
    });
    const beats: unknown[] = [];
    const enough = new AbortController();
    environment.on('heartbeat', (details) => {
      beats.push(details);
      if (beats.length === 3) enough.abort();
    });
    const run = environment.run(apiRequest, { url: hanging }).catch(() => undefined);
    await once(enough.signal, 'abort');
    environment.cancel();
    await run;
    assert.deepEqual(beats.slice(0, 3), [{ page: 3 }, { page: 3 }, { page: 3 }]);
  });
});
