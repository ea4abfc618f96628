// got and ky are ESM, and their releases for Node 20 have ended: these are their errors as got 14.6 and ky 1 make
// them, written down property by property.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiLinkerError, type ErrorCategory, retryAfterMs } from '../../common/errors/index.js';

const REQUEST_URL = 'https://api.example/items?token=abc';

function gotError(name: string, code: string, message: string, more: object = {}): Error {
  const options = { url: new URL(REQUEST_URL), method: 'GET', headers: {} };
  return Object.assign(new Error(message), { name, code, options, input: undefined, ...more });
}

function kyError(response: Response): Error {
  const request = new Request(REQUEST_URL, { method: 'put' });
  const message = `Request failed with status code ${response.status}: PUT ${REQUEST_URL}`;
  return Object.assign(new Error(message), {
    name: 'HTTPError',
    response,
    request,
    options: { method: 'put' },
  });
}

describe('got', () => {
  const response = (statusCode: number, body: unknown) => ({
    response: {
      statusCode,
      body,
      headers: { 'x-request-id': 'r', 'retry-after': '4' },
      rawBody: Buffer.from('raw'),
    },
  });

  for (const [name, code, message, category, more] of [
    [
      'HTTPError',
      'ERR_NON_2XX_3XX_RESPONSE',
      'Request failed with status code 503',
      'SERVER',
      response(503, 'b'),
    ],
    [
      'HTTPError',
      'ERR_NON_2XX_3XX_RESPONSE',
      'Request failed with status code 429',
      'RATE_LIMIT',
      response(429, 'b'),
    ],
    ['ParseError', 'ERR_BODY_PARSE_FAILURE', 'Unexpected end of JSON input', 'SERVER', response(200, '{')],
    ['TimeoutError', 'ETIMEDOUT', "Timeout awaiting 'request' for 150ms", 'TIMEOUT', {}],
    ['RequestError', 'ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'NETWORK', {}],
    ['RequestError', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'NETWORK', {}],
    [
      'ReadError',
      'ERR_READING_RESPONSE_STREAM',
      'The server aborted pending request',
      'NETWORK',
      response(200, ''),
    ],
    ['MaxRedirectsError', 'ERR_TOO_MANY_REDIRECTS', 'Redirected 10 times. Aborting.', 'CLIENT', {}],
    ['UnsupportedProtocolError', 'ERR_UNSUPPORTED_PROTOCOL', 'Unsupported protocol "ftp:"', 'CLIENT', {}],
    ['CancelError', 'ERR_CANCELED', 'Promise was canceled', 'UNKNOWN', {}],
  ] satisfies [string, string, string, ErrorCategory, object][]) {
    test(`${name} ${code} is ${category}`, () => {
      const error = ApiLinkerError.fromException(gotError(name, code, message, more));
      assert.equal(error.errorCategory, category);
      assert.equal(error.errorType, name);
      assert.equal(error.requestUrl, 'https://api.example/items?token=[REDACTED]');
      assert.equal(error.requestMethod, 'GET');
    });
  }

  test('answer and wait', () => {
    const thrown = gotError(
      'HTTPError',
      'ERR_NON_2XX_3XX_RESPONSE',
      'm',
      response(503, { password: 'p', a: 1 }),
    );
    const error = ApiLinkerError.fromException(thrown);
    assert.equal(error.responseBody, '{"password":"[REDACTED]","a":1}');
    assert.equal(error.correlationId, 'r');
    assert.equal(retryAfterMs(thrown, 0), 4_000);
  });
});

describe('ky', () => {
  test('an answer with an unread body stays unread', async () => {
    const response = new Response('{"a":1}', { status: 422, headers: { 'x-correlation-id': 'c' } });
    const error = ApiLinkerError.fromException(kyError(response));
    assert.equal(error.errorCategory, 'VALIDATION');
    assert.equal(error.statusCode, 422);
    assert.equal(error.requestMethod, 'PUT');
    assert.equal(error.requestUrl, 'https://api.example/items?token=[REDACTED]');
    assert.equal(error.correlationId, 'c');
    assert.equal(error.responseBody, undefined);
    assert.equal(await response.text(), '{"a":1}');
  });

  test('its TimeoutError is TIMEOUT', () => {
    const error = Object.assign(new Error('Request timed out'), {
      name: 'TimeoutError',
      request: new Request(REQUEST_URL),
    });
    assert.equal(ApiLinkerError.fromException(error).errorCategory, 'TIMEOUT');
  });
});
