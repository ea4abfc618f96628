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
