// Errors made of the names that are read, with values that nobody expects there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ApiLinkerError, ErrorCategory, retryAfterMs } from '../../common/errors/index.js';
import { throttleOf } from '../../common/errors/throttle.js';
import { isToldToComeBack } from '../../common/errors/told-to-come-back.js';

const NAMES = (
  'status statusCode code errno message name type response headers data body error errors cause details detail raw source ' +
  'meta metadata config request signal reason url method retryAfter entries number state class original issues path ' +
  'output toString toJSON then temporalRecovery $metadata $retryable extensions Fault graphQLErrors cost'
).split(' ');

const VALUES: readonly unknown[] = [
  ...[
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    404,
    429,
    503,
    '503',
    -32_000,
    2 ** 53,
    10n,
    Symbol('s'),
  ],
  ...[
    '',
    'ECONNRESET',
    'x'.repeat(3_000),
    '\ud800',
    'a\udfff',
    '{"error":{"code":"THROTTLED"}}',
    '[[[[',
    '<html>',
  ],
  ...['9'.repeat(400), '1e999', '3, 5', 'Thu, 01 Jan 2099 00:00:00 GMT', null, undefined, true, /x/g],
  ...[new Date(Number.NaN), new Map([['retry-after', '3']]), new Headers({ 'retry-after': '4' })],
  ...[
    new Uint8Array(20),
    new Set([1]),
    new WeakMap(),
    new URL('http://x'),
    new Error('e'),
    new AggregateError([]),
  ],
  ...[Object.create(null), Object.freeze({ status: 400 }), class Named {}],
  () => {
    throw new Error('called');
  },
];

const { tree } = fc.letrec<{ tree: unknown }>((tie) => {
  const fields = fc.dictionary(fc.constantFrom(...NAMES), tie('tree'), { maxKeys: 6 });
  return {
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(...VALUES),
      fc.array(tie('tree'), { maxLength: 4 }),
      fields,
      fields.map(cyclic),
      fc.tuple(fc.string(), fields).map(([message, given]) => thrownWith(message, given)),
    ),
  };
});

function cyclic(fields: Record<string, unknown>): object {
  fields.self = fields;
  fields.cause ??= fields;
  return fields;
}

function thrownWith(message: string, fields: Record<string, unknown>): Error {
  const error = new Error(message);
  // Written before the name is anything.
  void error.stack;
  for (const [name, value] of Object.entries(fields)) {
    Object.defineProperty(error, name, { value, enumerable: true, configurable: true });
  }
  return error;
}

/** Proxies cannot be generated: the library looks into its values. */
const TRAPS: readonly (() => unknown)[] = [
  () => undefined,
  () => new Proxy({}, { get: () => assert.fail('trap') }),
  () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  },
];

test('whatever stands under the names that are read: a category, a sensible wait, text that can be sent', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(...TRAPS), fc.constantFrom(...NAMES), (made, trap, name) => {
      const thrown = { [name]: trap(), cause: made };
      for (const each of [made, thrown]) {
        const error = ApiLinkerError.fromException(each);
        assert.ok((Object.values(ErrorCategory) as string[]).includes(error.errorCategory));
        assert.ok(JSON.stringify(error).length < 60_000);
        for (const text of [
          error.message,
          error.responseBody,
          error.requestUrl,
          error.errorType,
          error.stack,
        ]) {
          // Half a character throws.
          encodeURIComponent(text ?? '');
        }
        assert.equal(ApiLinkerError.fromException(error).errorCategory, error.errorCategory);
        const wait = retryAfterMs(each, 0) ?? 0;
        assert.ok(wait >= 0 && wait <= 31 * 86_400_000, `${wait}`);
        isToldToComeBack(each);
        throttleOf(each, { errorCategory: 'RATE_LIMIT' }, 0);
      }
    }),
    { numRuns: 400 },
  );
});
