import assert from 'node:assert/strict';
import { get } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import axios from 'axios';
import { Agent, interceptors, request, fetch as undiciFetch } from 'undici';
import { ApiLinkerError, type ErrorCategory } from '../../common/errors/index.js';
import {
  answering,
  hanging,
  refusing,
  rejection,
  resetting,
  resettingMidBody,
  selfSigned,
  speakingNonsense,
} from './loopback.js';

/** Long enough for a name to be looked up on a busy machine. */
const TIMEOUT_MS = 500;

interface Client {
  readonly name: string;
  /** Fails for every answer that is not 2xx, and for content that is no JSON. */
  call(url: string): Promise<unknown>;
}

class HttpError extends Error {
  constructor(readonly response: Response) {
    super(`HTTP ${response.status}`);
  }
}

async function viaFetch(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' });
  if (!response.ok) throw new HttpError(response);
  return response.json();
}

async function viaUndici(url: string): Promise<unknown> {
  const agent = new Agent({ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  const dispatcher = agent.compose(interceptors.responseError());
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    if (statusCode >= 300) throw Object.assign(new Error('redirected'), { statusCode });
    return await body.json();
  } finally {
    await agent.destroy();
  }
}

async function viaAxios(url: string): Promise<unknown> {
  const response = await axios.get(url, {
    timeout: TIMEOUT_MS,
    maxRedirects: 0,
    responseType: 'json',
    transitional: { silentJSONParsing: false },
    proxy: false,
  });
  return response.data;
}

function viaNode(url: string): Promise<unknown> {
  const secure = url.startsWith('https:');
  const client = secure ? import('node:https') : Promise.resolve({ get });
  return client.then(
    ({ get: send }) =>
      new Promise((resolve, reject) => {
        const call = send(url, { agent: false, timeout: TIMEOUT_MS }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const { statusCode, headers } = response;
            if ((statusCode ?? 0) >= 300) {
              reject(Object.assign(new Error('bad status'), { statusCode, headers, url, method: 'GET' }));
            }
            try {
              resolve(JSON.parse(Buffer.concat(chunks).toString()));
            } catch (error) {
              reject(error);
            }
          });
        });
        call.on('timeout', () => call.destroy(Object.assign(new Error('too slow'), { code: 'ETIMEDOUT' })));
        call.on('error', reject);
      }),
  );
}

const CLIENTS: readonly Client[] = [
  { name: 'fetch', call: viaFetch },
  { name: 'undici', call: viaUndici },
  { name: 'axios', call: viaAxios },
  { name: 'node:http', call: viaNode },
];

const STATUSES: readonly (readonly [number, ErrorCategory])[] = [
  [304, 'CLIENT'],
  [307, 'CLIENT'],
  [400, 'CLIENT'],
  [401, 'AUTH'],
  [403, 'AUTH'],
  [404, 'CLIENT'],
  [408, 'TIMEOUT'],
  [409, 'CLIENT'],
  [422, 'VALIDATION'],
  [429, 'RATE_LIMIT'],
  [500, 'SERVER'],
  [502, 'SERVER'],
  [503, 'SERVER'],
  [504, 'SERVER'],
];

type Trouble = readonly [what: string, ErrorCategory, (t: TestContext) => Promise<string>];

const TROUBLES: readonly Trouble[] = [
  ['refuses', 'NETWORK', refusing],
  ['resets the connection', 'NETWORK', resetting],
  ['resets in the middle of the body', 'NETWORK', resettingMidBody],
  ['does not speak HTTP', 'NETWORK', speakingNonsense],
  ['never answers', 'TIMEOUT', hanging],
  ['has a self-signed certificate', 'NETWORK', selfSigned],
  ['sends HTML for JSON', 'SERVER', (t) => answering(t, 200, '<html>gateway</html>')],
  ['sends half of the JSON', 'SERVER', (t) => answering(t, 200, '{"half":')],
  ['cannot be resolved', 'NETWORK', async () => 'http://nowhere.invalid'],
];

for (const { name, call } of CLIENTS) {
  describe(name, () => {
    for (const [status, category] of STATUSES) {
      test(`${status} is ${category}`, async (t) => {
        const url = await answering(t, status, status === 304 ? '' : '{"detail":"no"}', { location: '/x' });
        const error = ApiLinkerError.fromException(await rejection(() => call(url)));
        assert.equal(error.errorCategory, category, error.stack);
        assert.equal(error.statusCode, status);
      });
    }
    for (const [what, category, serve] of TROUBLES) {
      test(`a service that ${what} is ${category}`, async (t) => {
        const url = await serve(t);
        const thrown = await rejection(() => call(url));
        const error = ApiLinkerError.fromException(thrown);
        assert.equal(error.errorCategory, category, `${error.message}\n${error.stack}`);
        assert.ok(error.message.length > 0);
      });
    }
  });
}

test('axios: everything that is known of request and answer is kept', async (t) => {
  const url = await answering(t, 409, '{"conflict":"name","password":"hunter22"}', {
    'x-correlation-id': 'c-7',
  });
  const client = axios.create({
    baseURL: `${url}/v1/`,
    proxy: false,
    headers: { authorization: 'Bearer s3cr3t-token' },
  });
  const error = ApiLinkerError.fromException(
    await rejection(() => client.post('/items?api_key=abc123&page=2', { a: 1 })),
    { timestamp: '2026-01-01T00:00:00.000Z' },
  );
  const { stack, ...json } = error.toJSON();
  assert.match(stack ?? '', /AxiosError/);
  assert.deepEqual(json, {
    message: 'Request failed with status code 409',
    errorCategory: 'CLIENT',
    statusCode: 409,
    responseBody: '{"conflict":"name","password":"[REDACTED]"}',
    requestUrl: `${url}/v1/items?api_key=[REDACTED]&page=2`,
    requestMethod: 'POST',
    timestamp: '2026-01-01T00:00:00.000Z',
    correlationId: 'c-7',
    additionalContext: {},
    errorType: 'AxiosError',
  });
});

test('axios: AbortSignal.timeout is a time-out, an abort by the caller is none', async (t) => {
  const url = await hanging(t);
  const timedOut = await rejection(() => axios.get(url, { signal: AbortSignal.timeout(50), proxy: false }));
  assert.equal(ApiLinkerError.fromException(timedOut).errorCategory, 'TIMEOUT');
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const aborted = await rejection(() => axios.get(url, { signal: controller.signal, proxy: false }));
  assert.equal(ApiLinkerError.fromException(aborted).errorCategory, 'UNKNOWN');
});

test('axios: a redirect that does not end is CLIENT', async (t) => {
  const url = await answering(t, 302, '', { location: '/again' });
  const error = await rejection(() => axios.get(url, { maxRedirects: 2, proxy: false }));
  assert.equal(ApiLinkerError.fromException(error).errorCategory, 'CLIENT');
});

test('axios: an answer larger than allowed is CLIENT', async (t) => {
  const url = await answering(t, 200, JSON.stringify('x'.repeat(10_000)));
  const error = await rejection(() => axios.get(url, { maxContentLength: 100, proxy: false }));
  assert.equal(ApiLinkerError.fromException(error).errorCategory, 'CLIENT');
});

test('fetch: what failed is named, not just that it failed', async () => {
  const error = ApiLinkerError.fromException(await rejection(async () => fetch(await refusing())));
  assert.match(error.message, /^fetch failed: connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
  assert.equal(error.errorType, 'TypeError');
});

test('fetch: an address no URL can be made of is CLIENT', async () => {
  const error = ApiLinkerError.fromException(await rejection(() => fetch('http://')));
  assert.equal(error.errorCategory, 'CLIENT', error.message);
});

test('fetch: the stream of an answer is left unread', async (t) => {
  const url = await answering(t, 500, '{"a":1}');
  const response = await fetch(url);
  const error = ApiLinkerError.fromException(new HttpError(response));
  assert.equal(response.bodyUsed, false);
  assert.equal(error.responseBody, undefined);
  assert.equal(error.requestUrl, `${url}/`);
  assert.equal(error.correlationId, 'req-1');
  assert.deepEqual(await response.json(), { a: 1 });
});

test('undici: an error of its fetch is read through its causes', async (t) => {
  const url = await hanging(t);
  const dispatcher = new Agent({ headersTimeout: 50 });
  t.after(() => dispatcher.destroy());
  const error = ApiLinkerError.fromException(await rejection(() => undiciFetch(url, { dispatcher })));
  assert.equal(error.errorCategory, 'TIMEOUT');
  assert.equal(error.message, 'fetch failed: Headers Timeout Error');
});

test('undici: the body that the client has read is kept', async (t) => {
  const url = await answering(t, 422, '{"field":"email","token":"abcdef"}');
  const error = ApiLinkerError.fromException(await rejection(() => viaUndici(url)));
  assert.equal(error.responseBody, '{"field":"email","token":"[REDACTED]"}');
  assert.equal(error.correlationId, 'req-1');
});
