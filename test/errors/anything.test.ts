import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ApiLinkerError, defaultRedactor, ErrorCategory, retryAfterMs } from '../../common/errors/index.js';

const categoryOf = (error: unknown) => ApiLinkerError.fromException(error).errorCategory;

describe('anything that can be thrown', () => {
  test('is classified without an error of our own', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        const json = ApiLinkerError.fromException(thrown).toJSON();
        assert.ok((Object.values(ErrorCategory) as string[]).includes(json.errorCategory));
        JSON.stringify(json);
        retryAfterMs(thrown, 0);
      }),
    );
  });

  test('getters that throw, cycles, proxies', () => {
    const cyclic: { cause?: unknown } = new Error('round');
    cyclic.cause = cyclic;
    const trap = new Proxy({}, { get: () => assert.fail('trap') });
    const thrower = Object.defineProperty(new Error('x'), 'status', {
      get() {
        throw new Error('no');
      },
    });
    for (const error of [cyclic, trap, thrower]) assert.equal(categoryOf(error), 'UNKNOWN');
  });

  test('a status is read wherever clients keep it, as a number or as text', () => {
    for (const error of [
      { status: 503 },
      { statusCode: 503 },
      { status_code: '503' },
      { response: { status: 503 } },
      { response: { statusCode: '503' } },
      { $metadata: { httpStatusCode: 503 } },
      { cause: { status: 503 } },
    ]) {
      assert.equal(categoryOf(error), 'SERVER', JSON.stringify(error));
    }
    assert.equal(categoryOf({ status: 'failed' }), 'UNKNOWN');
  });

  test('of an AggregateError, the member that tells most', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    assert.equal(categoryOf(new AggregateError([new Error('?'), refused])), 'NETWORK');
  });

  test('bodies, messages and stacks are cut', () => {
    const error = Object.assign(new Error('m'.repeat(1e6)), { body: 'b'.repeat(1e6) });
    const json = ApiLinkerError.fromException(error).toJSON();
    assert.equal(json.responseBody?.length, 1_000);
    assert.ok(json.message.length <= 2_000);
    assert.ok((json.stack?.length ?? 0) <= 4_000);
  });
});

describe('redaction', () => {
  const SECRET = 'S3cr3tV4lue';

  test('never lets a planted secret through', () => {
    for (const text of [
      `Authorization: Bearer ${SECRET}`,
      `https://user:${SECRET}@host/path`,
      `https://host/?a=1&access_token=${SECRET}&b=2`,
      `{"password":"${SECRET}"}`,
      `{"nested":{"client_secret": "${SECRET}", "a": 1}`,
      `{\\"apiKey\\":\\"${SECRET}\\"}`,
      `password=${SECRET}&user=x`,
      `token: ${SECRET}`,
      `Basic ${SECRET}`,
    ]) {
      assert.ok(!defaultRedactor.body(text).includes(SECRET), `${text} → ${defaultRedactor.body(text)}`);
    }
    assert.deepEqual(defaultRedactor.headers({ Cookie: SECRET, accept: 'x' }), {
      Cookie: '[REDACTED]',
      accept: 'x',
    });
    assert.deepEqual(defaultRedactor.json({ a: [{ refreshToken: SECRET }] }), {
      a: [{ refreshToken: '[REDACTED]' }],
    });
  });

  test('done twice is as done once', () => {
    fc.assert(
      fc.property(fc.string(), fc.webUrl({ withQueryParameters: true }), (text, url) => {
        for (const value of [text, url, `${text} token=${url} "password":"${text}"`]) {
          const once = defaultRedactor.text(value);
          assert.equal(defaultRedactor.text(once), once);
        }
      }),
    );
  });

  test('large texts take no more than their length', () => {
    const before = process.cpuUsage();
    for (const unit of ['"', 'a=', 'http://', '"a":"', '\\"', 'x'.repeat(50)]) {
      defaultRedactor.body(unit.repeat(Math.floor(200_000 / unit.length)));
    }
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 5_000_000, `${(user + system) / 1_000} ms`);
  });
});
