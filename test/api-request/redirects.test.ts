import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  type ApiRequest,
  type ApiRequestError,
  apiRequest,
  createApiRequest,
} from 'temporal-recovery/activity';
import { rejection } from '../errors/loopback.js';
import { echo, type Service, service } from './service.js';

/** Redirects with the status and to the place that the query says. */
const redirector = (t: TestContext) =>
  service(t, (asked, response) => {
    const { searchParams } = new URL(asked.url, 'http://any');
    const [status, to] = [searchParams.get('status'), searchParams.get('to')];
    if (status === null || to === null) return echo(asked, response);
    response.writeHead(Number(status), { location: to }).end('moved');
  });

const to = (api: Service, status: number, location: string) =>
  `${api.url}/from?status=${status}&to=${encodeURIComponent(location)}`;

const POST: Omit<ApiRequest, 'url'> = {
  method: 'POST',
  json: { a: 1 },
  headers: {
    'idempotency-key': 'k-1',
    Authorization: 'Bearer s3cret',
    Cookie: 'a=b',
    'X-Api-Key': 's',
    'X-Trace': 't',
  },
};

const failure = async (request: ApiRequest | string) =>
  (await rejection(() => apiRequest(request))) as ApiRequestError;

describe('redirects', () => {
  test('301, 302 and 303 turn a POST into a GET without a body', async (t) => {
    const api = await redirector(t);
    for (const status of [301, 302, 303]) {
      const { url } = await apiRequest({ ...POST, url: to(api, status, '/target') });
      assert.equal(url, `${api.url}/target`);
      assert.deepEqual([api.last?.method, api.last?.url, api.last?.body], ['GET', '/target', '']);
      assert.equal(api.last?.headers['content-type'], undefined);
      assert.equal(api.last?.headers['idempotency-key'], undefined);
      assert.equal(api.last?.headers.authorization, 'Bearer s3cret');
    }
  });

  test('307 and 308 keep method and body; 301 keeps a PUT, 303 does not', async (t) => {
    const api = await redirector(t);
    for (const status of [307, 308]) {
      await apiRequest({ ...POST, url: to(api, status, '/target') });
      assert.deepEqual([api.last?.method, api.last?.body], ['POST', '{"a":1}']);
      assert.equal(api.last?.headers['idempotency-key'], 'k-1');
    }
    await apiRequest({ ...POST, method: 'PUT', url: to(api, 301, '/target') });
    assert.deepEqual([api.last?.method, api.last?.body], ['PUT', '{"a":1}']);
    await apiRequest({ ...POST, method: 'PUT', url: to(api, 303, '/target') });
    assert.deepEqual([api.last?.method, api.last?.body], ['GET', '']);
  });

  test('credentials do not go to another origin, those of the options neither', async (t) => {
    const [api, other] = [await redirector(t), await service(t)];
    const request = createApiRequest({ headers: () => ({ 'x-session-id': 's', 'private-token': 's' }) });
    await request({ ...POST, url: to(api, 307, `${other.url.replace('//', '//user:pass@')}/target`) });
    const { headers } = other.last ?? assert.fail();
    for (const name of ['authorization', 'cookie', 'x-api-key', 'x-session-id', 'private-token']) {
      assert.equal(headers[name], undefined, name);
      assert.ok(name in (api.last?.headers ?? {}), name);
    }
    assert.deepEqual(
      [headers['x-trace'], headers['idempotency-key'], other.last?.body],
      ['t', 'k-1', '{"a":1}'],
    );
  });

  test('more than maxRedirects is an error, and says where it began', async (t) => {
    const api = await service(t, (_asked, response) => response.writeHead(302, { location: '/again' }).end());
    const error = await failure(`${api.url}/start`);
    assert.equal(api.asked.length, 6);
    assert.match(error.message, /More than 5 redirects/);
    assert.deepEqual([error.errorCategory, error.failure], ['CLIENT', 'redirect']);
    assert.equal(error.additionalContext.redirectedFrom, `${api.url}/start`);
    await failure({ url: api.url, maxRedirects: 0 });
    assert.equal(api.asked.length, 7);
  });

  test('error refuses, manual gives the redirect', async (t) => {
    const api = await redirector(t);
    const error = await failure({ url: to(api, 302, '/target'), redirect: 'error' });
    assert.deepEqual([error.failure, error.statusCode], ['redirect', 302]);
    const answer = await apiRequest({ url: to(api, 302, '/target'), redirect: 'manual' });
    assert.deepEqual([answer.status, answer.headers.location, answer.body], [302, '/target', 'moved']);
    assert.equal(api.asked.length, 2);
  });

  test('a redirect to a metadata address, another scheme or nowhere is refused', async (t) => {
    const api = await redirector(t);
    const refused = {
      'http://169.254.169.254/latest/meta-data': ['address', /169\.254\.169\.254 is refused/],
      'http://0xa9fea9fe/': ['address', /169\.254\.169\.254 is refused/],
      'http://metadata.google.internal/': ['address', /metadata\.google\.internal is refused/],
      'file:///etc/passwd': ['redirect', /Redirect to file: refused/],
      'http://': ['redirect', /invalid URL/],
    } as const;
    for (const [location, [kind, message]] of Object.entries(refused)) {
      const error = await failure(to(api, 302, location));
      assert.match(error.message, message);
      assert.deepEqual([error.failure, error.errorCategory], [kind, 'CLIENT']);
    }
  });

  test('a redirect status without a location is a bad status', async (t) => {
    const api = await service(t, (_asked, response) => response.writeHead(302).end());
    assert.equal((await failure(api.url)).failure, 'status');
  });
});
