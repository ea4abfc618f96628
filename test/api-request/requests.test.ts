import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { apiRequest, createApiRequest, fetchJson } from 'temporal-recovery/activity';
import { json, service } from './service.js';

describe('what a request sends', () => {
  test('method, query, headers and JSON', async (t) => {
    const api = await service(t);
    const { status, body, url } = await apiRequest({
      method: 'POST',
      url: `${api.url}/orders?first=1#fragment`,
      query: { tag: ['a', 'b&c'], page: 2, dry: true },
      headers: { 'X-Tenant': 'blue' },
      json: { name: 'Zoë', list: [1, null] },
    });
    assert.equal(status, 200);
    assert.equal(url, `${api.url}/orders?first=1&tag=a&tag=b%26c&page=2&dry=true`);
    assert.equal(api.last?.method, 'POST');
    assert.equal(api.last?.url, '/orders?first=1&tag=a&tag=b%26c&page=2&dry=true');
    assert.equal(api.last?.headers['x-tenant'], 'blue');
    assert.equal(api.last?.headers['content-type'], 'application/json');
    assert.equal(api.last?.body, '{"name":"Zoë","list":[1,null]}');
    assert.equal((body as { method: string }).method, 'POST');
  });

  test('a string is the URL of a GET', async (t) => {
    const api = await service(t);
    await apiRequest(`${api.url}/plain`);
    assert.deepEqual([api.last?.method, api.last?.url, api.last?.body], ['GET', '/plain', '']);
  });

  test('a text body, with the content type that is given', async (t) => {
    const api = await service(t);
    await apiRequest({ method: 'PUT', url: api.url, body: '<a/>', headers: { 'Content-Type': 'text/xml' } });
    assert.equal(api.last?.headers['content-type'], 'text/xml');
    assert.equal(api.last?.body, '<a/>');
    await apiRequest({ method: 'PATCH', url: api.url, body: 'x' });
    assert.equal(api.last?.headers['content-type'], 'text/plain;charset=UTF-8');
  });

  test('JSON null is a body', async (t) => {
    const api = await service(t);
    await apiRequest({ method: 'POST', url: api.url, json: null });
    assert.equal(api.last?.body, 'null');
  });

  test('paths are appended to the base URL, and headers come from a function in every attempt', async (t) => {
    const api = await service(t);
    let turn = 0;
    const request = createApiRequest({
      baseUrl: `${api.url}/v2/`,
      headers: async () => ({ Authorization: `Bearer ${++turn}`, 'X-Tenant': 'default' }),
    });
    await request('/countries');
    await request({ url: 'countries/fr', headers: { 'x-tenant': 'own' } });
    await request(`${api.url}/elsewhere`);
    assert.deepEqual(
      api.asked.map(({ url, headers }) => [url, headers.authorization, headers['x-tenant']]),
      [
        ['/v2/countries', 'Bearer 1', 'default'],
        ['/v2/countries/fr', 'Bearer 2', 'own'],
        ['/elsewhere', 'Bearer 3', 'default'],
      ],
    );
  });

  test('a path does not climb out of the base URL, however its dots are written', async (t) => {
    const api = await service(t);
    const request = createApiRequest({ baseUrl: `${api.url}/v2/tenants/7` });
    for (const url of [
      '../8',
      '/../8',
      'a/../../8',
      '..',
      '%2e%2e/8',
      '.%2E/8',
      '%2e%2e%2f8',
      '..%2f8',
      'a%2f..%2f..%2f8',
      '%252e%252e/8',
      '%252e%252e%252f8',
      '..\\8',
      '..%5c8',
      '..;/8',
      '.\t./8',
      '../7x',
    ]) {
      await assert.rejects(request(url), /below \/v2\/tenants\/7, that of baseUrl/, url);
    }
    assert.deepEqual(api.asked, []);
    for (const url of ['a/../b', './c', 'v1..2/d', '..e', '%2e%2e.f', '?page=../2']) await request(url);
    assert.deepEqual(
      api.asked.map(({ url }) => `${url}`.replace('/v2/tenants/7', '')),
      ['/b', '/c', '/v1..2/d', '/..e', '/%2e%2e.f', '/?page=../2'],
    );
    // An absolute URL says itself where it goes.
    await request(`${api.url}/v2/tenants/8`);
  });

  test('connections are used again', async (t) => {
    const ports = new Set<number | undefined>();
    const api = await service(t, (_asked, response) => {
      ports.add(response.req.socket.remotePort);
      json(response, {});
    });
    for (let i = 0; i < 4; i++) await fetchJson(api.url, { timeout: 5000 + i });
    await apiRequest(api.url);
    // A connection may still be busy giving back its last answer.
    assert.ok(ports.size < 4, `${ports.size} connections`);
  });
});

describe('what an answer gives', () => {
  const answered = async (
    t: Parameters<typeof service>[0],
    body: string | Buffer,
    headers: Record<string, string>,
    status = 200,
  ) => {
    const api = await service(t, (_asked, response) => {
      response.writeHead(status, headers);
      response.end(body);
    });
    return apiRequest({ url: api.url });
  };

  test('JSON by its content type, else text, else nothing', async (t) => {
    const of = async (body: string, type?: string) =>
      (await answered(t, body, type === undefined ? {} : { 'content-type': type })).body;
    assert.deepEqual(await of('{"a":1}', 'application/json; charset=utf-8'), { a: 1 });
    assert.deepEqual(await of('[1]', 'application/problem+json'), [1]);
    assert.deepEqual(await of('\ufeff{"bom":1}', 'application/json'), { bom: 1 });
    assert.equal(await of('{"a":1}', 'text/plain'), '{"a":1}');
    assert.equal(await of('a'), 'a');
    assert.equal(await of('', 'application/json'), undefined);
    assert.equal((await answered(t, '', {}, 204)).body, undefined);
  });

  test('text in its own character set', async (t) => {
    const { body } = await answered(t, Buffer.from([0xe9]), {
      'content-type': 'text/plain; charset=ISO-8859-1',
    });
    assert.equal(body, 'é');
  });

  test('compressed bodies', async (t) => {
    const type = { 'content-type': 'application/json' };
    const gzip = await answered(t, gzipSync('{"z":1}'), { ...type, 'content-encoding': 'gzip' });
    assert.deepEqual(gzip.body, { z: 1 });
    const brotli = await answered(t, brotliCompressSync('{"b":1}'), { ...type, 'content-encoding': 'br' });
    assert.deepEqual(brotli.body, { b: 1 });
    const both = await answered(t, brotliCompressSync(gzipSync('[2]')), {
      ...type,
      'content-encoding': 'gzip, br',
    });
    assert.deepEqual(both.body, [2]);
  });

  test('headers in lower case, without cookies', async (t) => {
    const { headers } = await answered(t, '', { 'X-Page': '2', 'Set-Cookie': 'session=1' });
    assert.equal(headers['x-page'], '2');
    assert.equal('set-cookie' in headers, false);
  });

  test('HEAD has headers only', async (t) => {
    const api = await service(t, (_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99999999' });
      response.end();
    });
    const { body, headers } = await apiRequest({ method: 'HEAD', url: api.url });
    assert.equal(body, undefined);
    assert.equal(headers['content-length'], '99999999');
  });

  test('statuses that are expected are answers', async (t) => {
    const api = await service(t, (_asked, response) => json(response, { missing: true }, 404));
    for (const expectedStatus of [404, '4xx', [200, 404], ['2xx', '4xx']] as const) {
      assert.equal((await apiRequest({ url: api.url, expectedStatus })).status, 404);
    }
    await assert.rejects(apiRequest({ url: api.url, expectedStatus: ['2xx', 403] }), /status code 404/);
  });
});
