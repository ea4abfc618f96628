import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import axios from 'axios';
import { retryAfterMs } from '../../common/errors/index.js';
import { answering, rejection } from './loopback.js';

const NOW = Date.UTC(2026, 0, 1);
const after = (headers: unknown, status = 429) => retryAfterMs({ response: { status, headers } }, NOW);

describe('Retry-After', () => {
  test('seconds, or an HTTP date', () => {
    assert.equal(after({ 'retry-after': '120' }), 120_000);
    assert.equal(after({ 'retry-after': '0' }), 0);
    assert.equal(after({ 'retry-after': 1.5 }), 1_500);
    assert.equal(after({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }), 30_000);
  });

  test('a date that has passed is no wait', () => {
    assert.equal(after({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }), 0);
  });

  test('what makes no sense is not there', () => {
    for (const value of [
      '-1',
      'soon',
      '',
      'NaN',
      '1e400',
      '999999999',
      'Thu, 01 Jan 2099 00:00:00 GMT',
      '9'.repeat(400),
    ]) {
      assert.equal(after({ 'retry-after': value }), undefined, value);
    }
  });

  test('is found wherever clients keep headers', () => {
    for (const headers of [
      new Headers({ 'Retry-After': '7' }),
      new Map([['retry-after', '7']]),
      { 'Retry-After': '7' },
      { 'RETRY-AFTER': ['7', '9'] },
      [['Retry-After', '7']],
      ['Content-Type', 'x', 'Retry-After', '7'],
    ]) {
      assert.equal(after(headers), 7_000);
      assert.equal(retryAfterMs({ headers }, NOW), 7_000);
      assert.equal(retryAfterMs(new Error('m', { cause: { response: { headers } } }), NOW), 7_000);
    }
  });

  test('real answers', async (t) => {
    const url = await answering(t, 503, '', { 'retry-after': '3' });
    assert.equal(retryAfterMs(await rejection(() => axios.get(url, { proxy: false })), NOW), 3_000);
    assert.equal(retryAfterMs({ response: await fetch(url) }, NOW), 3_000);
  });

  test('in milliseconds, as some services say it', () => {
    assert.equal(after({ 'retry-after-ms': '250', 'retry-after': '1' }), 250);
    assert.equal(after({ 'grpc-retry-pushback-ms': '-1' }), undefined);
  });

  test('as a property of the error', () => {
    assert.equal(retryAfterMs({ retryAfter: 5 }, NOW), 5_000);
    assert.equal(retryAfterMs({ retryAfter: '5' }, NOW), 5_000);
    assert.equal(retryAfterMs({ retryAfter: new Date(NOW + 9) }, NOW), 9);
    assert.equal(retryAfterMs({ retryAfterMs: 5 }, NOW), 5);
    assert.equal(retryAfterMs({ retryAfter: -5 }, NOW), undefined);
    assert.equal(retryAfterMs({ retryAfter: Number.POSITIVE_INFINITY }, NOW), undefined);
  });
});

describe('RateLimit-Reset', () => {
  test('seconds, or a point in time', () => {
    assert.equal(after({ 'ratelimit-reset': '30' }), 30_000);
    assert.equal(after({ 'x-ratelimit-reset': String(NOW / 1000 + 60) }), 60_000);
    assert.equal(after({ 'x-ratelimit-reset': String(NOW + 60_000) }), 60_000);
    assert.equal(after({ 'x-ratelimit-reset': String(NOW / 1000 - 60) }), 0);
    assert.equal(after({ ratelimit: '"default";r=0;t=12' }), 12_000);
    assert.equal(after({ ratelimit: 'limit=10, remaining=0, reset=12' }), 12_000);
    assert.equal(after({ ratelimit: 'limit=10;w=60, remaining=0, reset=12' }), 12_000);
  });

  test('of several policies the longest that is used up; a text is no number', () => {
    assert.equal(after({ ratelimit: '"burst";r=0;t=5, "daily";r=0;t=3000' }), 3_000_000);
    assert.equal(after({ ratelimit: '"burst";r=0;t=5, "daily";r=17;t=3000' }), 5_000);
    assert.equal(after({ ratelimit: '"daily";r=17;t=3000, "burst";r=0;t=5' }), 5_000);
    assert.equal(after({ ratelimit: '"burst";r=1;t=5, "daily";r=17;t=3000' }), undefined);
    assert.equal(after({ ratelimit: '"a, r=0;t=9 \\" x";r=0;t=5;pk=:aGk=:' }), 5_000);
    assert.equal(after({ ratelimit: '"one r=0;t=9"' }), undefined);
    assert.equal(after({ ratelimit: '"open;r=0;t=9' }), undefined);
  });

  test('comes after Retry-After', () => {
    assert.equal(after({ 'retry-after': '1', 'ratelimit-reset': '30' }), 1_000);
  });

  test('is no wait for those who have calls left, or whose call failed for another reason', () => {
    assert.equal(after({ 'x-ratelimit-reset': '30', 'x-ratelimit-remaining': '4999' }), undefined);
    assert.equal(after({ 'x-ratelimit-reset': '30' }, 500), undefined);
    assert.equal(after({ 'x-ratelimit-reset': '30', 'x-ratelimit-remaining': '0' }, 403), 30_000);
  });
});

describe('relatives of Retry-After', () => {
  test('two lines, joined by fetch: the first that makes sense', () => {
    assert.equal(after({ 'retry-after': '30, 30' }), 30_000);
    assert.equal(after({ 'retry-after': 'soon, 30' }), 30_000);
    const date = 'Thu, 01 Jan 2026 00:00:30 GMT';
    assert.equal(after({ 'retry-after': `${date}, ${date}` }), 30_000);
    assert.equal(
      after(
        new Headers([
          ['retry-after', '7'],
          ['retry-after', '7'],
        ]),
      ),
      7_000,
    );
  });

  test('is found where generated SDKs keep the answer', () => {
    const headers = new Headers({ 'Retry-After': '6' });
    for (const error of [
      { statusCode: 429, rawResponse: { status: 429, headers } },
      { responseStatusCode: 429, responseHeaders: { 'Retry-After': ['6'] } },
      { httpMeta: { response: { status: 429, headers } } },
      { $response: { statusCode: 429, headers: { 'retry-after': '6' } } },
      { meta: { statusCode: 429, headers: { 'retry-after': '6' } } },
      new Error('m', { cause: { statusCode: 429, rawResponse: { headers } } }),
    ]) {
      assert.equal(retryAfterMs(error, NOW), 6_000, JSON.stringify(error));
    }
  });

  test('RetryInfo in the JSON of Google, in the details of Connect, nice-grpc and gax', () => {
    const type = 'type.googleapis.com/google.rpc.RetryInfo';
    const json = {
      error: { code: 429, details: [{ '@type': 'x' }, { '@type': type, retryDelay: '34.5s' }] },
    };
    const bytes = new Uint8Array([10, 2, 8, 9]); // RetryInfo { retry_delay { seconds: 9 } }
    for (const [error, expected] of [
      [{ response: { status: 429, data: json } }, 34_500],
      [{ status: 429, body: JSON.stringify(json) }, 34_500],
      [{ name: 'ConnectError', code: 8, details: [{ type: 'google.rpc.RetryInfo', value: bytes }] }, 9_000],
      [
        {
          name: 'ConnectError',
          code: 8,
          details: [{ type: 'google.rpc.RetryInfo', debug: { retryDelay: '3s' } }],
        },
        3_000,
      ],
      [
        {
          name: 'ClientError',
          code: 8,
          extra: [{ $type: 'google.rpc.RetryInfo', retryDelay: { seconds: 5, nanos: 5e8 } }],
        },
        5_500,
      ],
      [{ code: 8, statusDetails: [{ retryDelay: { seconds: '30', nanos: 0 } }] }, 30_000],
    ] as const) {
      assert.equal(retryAfterMs(error, NOW), expected, JSON.stringify(error));
    }
    // The AWS SDK's own backoff, in no stated unit, is nothing the service said.
    assert.equal(retryAfterMs({ statusCode: 503, retryDelay: 72.3 }, NOW), undefined);
  });

  test('reset headers of vendors', () => {
    assert.equal(after({ 'x-ratelimit-reset-after': '1.25' }), 1_250);
    assert.equal(
      after({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }),
      360_000,
    );
    assert.equal(
      after({
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '250ms',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '2s',
      }),
      2_000,
    );
    assert.equal(
      after({
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:20Z',
        'anthropic-ratelimit-tokens-remaining': '7',
        'anthropic-ratelimit-tokens-reset': '2026-01-01T01:00:00Z',
      }),
      20_000,
    );
    assert.equal(after({ 'x-rate-limit-time-reset-ms': '1500' }), 1_500);
    assert.equal(after({ 'x-ratelimit-reset': '2026-01-01T00:01:00Z' }), 60_000);
    assert.equal(after(new Headers({ 'x-rate-limit-reset': String(NOW / 1000 + 9) })), 9_000);
    assert.equal(after({ 'zendesk-ratelimit-tickets-index': 'total=100; remaining=0; resets=41' }), 41_000);
    assert.equal(after({ 'x-rate-limit-retry-after-seconds': '8' }), 8_000);
  });

  test('in the body, and in words', () => {
    assert.equal(retryAfterMs({ response: { status: 429, data: { retry_after: 64.57 } } }, NOW), 64_570);
    assert.equal(retryAfterMs({ error_code: 429, parameters: { retry_after: 5 } }, NOW), 5_000);
    assert.equal(retryAfterMs(new Error('Rate limit reached. Please try again in 20s.'), NOW), 20_000);
    assert.equal(
      retryAfterMs(new Error('Request was throttled. Expected available in 30 seconds.'), NOW),
      30_000,
    );
    assert.equal(retryAfterMs(new Error('Invoice 30 is not available'), NOW), undefined);
    const cost = { requestedQueryCost: 100, throttleStatus: { currentlyAvailable: 20, restoreRate: 50 } };
    assert.equal(retryAfterMs({ response: { status: 200, extensions: { cost } } }, NOW), 2_000);
  });
});

test('nothing said, nothing found, nothing thrown', () => {
  const throwing = new Proxy({}, { get: () => assert.fail('trap') });
  for (const error of [
    undefined,
    null,
    1,
    'x',
    {},
    throwing,
    { headers: throwing },
    { response: { headers: 3 } },
  ]) {
    assert.equal(retryAfterMs(error, NOW), undefined);
  }
});
