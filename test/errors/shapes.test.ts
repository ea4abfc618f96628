import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import Ajv from 'ajv';
import { errors as undiciErrors } from 'undici';
import { z } from 'zod';
import { ApiLinkerError, classifyError, type ErrorCategory } from '../../common/errors/index.js';

const categoryOf = (error: unknown) => classifyError(error).category;

describe('undici', () => {
  const EXPECTED: Readonly<Record<string, ErrorCategory>> = {
    UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
    UND_ERR_BODY_TIMEOUT: 'TIMEOUT',
    UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT',
    UND_ERR_SOCKET: 'NETWORK',
    UND_ERR_DESTROYED: 'NETWORK',
    UND_ERR_CLOSED: 'NETWORK',
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'NETWORK',
    UND_ERR_BPL_MISSING_UPSTREAM: 'NETWORK',
    UND_ERR_PRX_TLS: 'NETWORK',
    UND_ERR_HEADERS_OVERFLOW: 'SERVER',
    UND_ERR_RESPONSE: 'SERVER',
    UND_ERR_REQ_RETRY: 'SERVER',
    UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'CLIENT',
    UND_ERR_INVALID_ARG: 'CLIENT',
    UND_ERR_INVALID_RETURN_VALUE: 'CLIENT',
    UND_ERR_NOT_SUPPORTED: 'CLIENT',
    UND_ERR_RES_EXCEEDED_MAX_SIZE: 'CLIENT',
    UND_ERR_MAX_ORIGINS_REACHED: 'CLIENT',
    UND_ERR_WS_MESSAGE_SIZE_EXCEEDED: 'CLIENT',
    // Aborted by the caller, or nothing but the base class.
    UND_ERR: 'UNKNOWN',
    UND_ERR_ABORT: 'UNKNOWN',
    UND_ERR_ABORTED: 'UNKNOWN',
    UND_ERR_INFO: 'UNKNOWN',
  };

  test('every code that the library has is decided', () => {
    const undecided: string[] = [];
    for (const make of Object.values(undiciErrors)) {
      const error = new (make as unknown as new (...args: unknown[]) => Error & { code?: string })(
        'm',
        500,
        {},
      );
      if (error.code === undefined || !/^UND_ERR/.test(error.code)) continue;
      const expected = EXPECTED[error.code];
      if (expected === undefined) undecided.push(error.code);
      else assert.equal(categoryOf(error), expected, error.code);
    }
    assert.deepEqual(undecided, []);
  });
});

describe('aws', () => {
  const aws = (name: string, httpStatusCode: number, more = {}) =>
    Object.assign(new Error('m'), {
      name,
      $fault: 'client',
      $metadata: { httpStatusCode, requestId: 'r-1' },
      ...more,
    });

  for (const [name, status, category] of [
    ['ThrottlingException', 400, 'RATE_LIMIT'],
    ['TooManyRequestsException', 429, 'RATE_LIMIT'],
    ['ProvisionedThroughputExceededException', 400, 'RATE_LIMIT'],
    ['RequestLimitExceeded', 503, 'RATE_LIMIT'],
    ['SlowDown', 503, 'RATE_LIMIT'],
    ['AccessDeniedException', 400, 'AUTH'],
    ['ExpiredTokenException', 400, 'AUTH'],
    ['ValidationException', 400, 'VALIDATION'],
    ['RequestTimeout', 400, 'TIMEOUT'],
    ['InternalServerError', 500, 'SERVER'],
    ['ResourceNotFoundException', 400, 'CLIENT'],
  ] as const) {
    test(`${name} (${status}) is ${category}`, () => {
      const error = ApiLinkerError.fromException(aws(name, status));
      assert.equal(error.errorCategory, category);
      assert.equal(error.statusCode, status);
      assert.equal(error.correlationId, 'r-1');
    });
  }

  test('what the SDK marks as throttling is RATE_LIMIT', () => {
    assert.equal(categoryOf(aws('Odd', 400, { $retryable: { throttling: true } })), 'RATE_LIMIT');
  });
});

describe('validation', () => {
  test('zod', () => {
    const result = z.object({ a: z.string() }).safeParse({ a: 1 });
    assert.equal(categoryOf(result.error), 'VALIDATION');
    // Without its class, as after crossing a process.
    assert.equal(categoryOf(JSON.parse(JSON.stringify({ issues: result.error?.issues }))), 'VALIDATION');
  });

  test('ajv: as an error, and as the list it leaves behind', () => {
    const validate = new Ajv().compile({ type: 'object', required: ['a'] });
    assert.equal(validate({}), false);
    assert.equal(categoryOf(new Ajv.ValidationError(validate.errors ?? [])), 'VALIDATION');
    assert.equal(categoryOf(validate.errors), 'VALIDATION');
  });

  test("APILinker's own: MappingError, PluginError, PluginNotFoundError by name, type or code", () => {
    for (const key of ['name', 'type', 'code']) {
      assert.equal(categoryOf(Object.assign(new Error('m'), { [key]: 'MappingError' })), 'MAPPING');
      assert.equal(categoryOf(Object.assign(new Error('m'), { [key]: 'PluginError' })), 'PLUGIN');
      assert.equal(categoryOf(Object.assign(new Error('m'), { [key]: 'PluginNotFoundError' })), 'PLUGIN');
    }
  });
});

describe('Temporal', () => {
  const inActivity = (cause: Error) =>
    new ActivityFailure('Activity task failed', 'pay', '1', RetryState.MAXIMUM_ATTEMPTS_REACHED, 'w', cause);

  test('a time-out of every type is TIMEOUT, also around what it interrupted', () => {
    for (const type of Object.values(TimeoutType)) {
      assert.equal(categoryOf(new TimeoutFailure('t', undefined, type)), 'TIMEOUT');
    }
    const around = Object.assign(new TimeoutFailure('t', undefined, TimeoutType.SCHEDULE_TO_CLOSE), {
      cause: ApplicationFailure.create({
        message: 'Request failed with status code 503',
        type: 'AxiosError',
      }),
    });
    assert.deepEqual(classifyError(inActivity(around)), { category: 'TIMEOUT', statusCode: 503 });
  });

  test('wrappers are unwrapped, and say nothing in the message', () => {
    const cause = ApplicationFailure.create({ message: 'no such field', type: 'MappingError' });
    const execution = { workflowId: 'c', runId: 'r' };
    const nested = new ChildWorkflowFailure(
      'default',
      execution,
      'child',
      RetryState.NON_RETRYABLE_FAILURE,
      inActivity(cause),
    );
    const error = ApiLinkerError.fromException(nested);
    assert.equal(error.errorCategory, 'MAPPING');
    assert.equal(error.message, 'no such field');
    assert.equal(error.errorType, 'MappingError');
  });

  test('our own JSON among the details is kept as it is', () => {
    const original = new ApiLinkerError('m', {
      errorCategory: 'MAPPING',
      statusCode: 503,
      requestUrl: 'https://h/',
      timestamp: '2026-01-01T00:00:00.000Z',
      errorType: 'Odd',
      additionalContext: { a: [1] },
      stack: 'Odd: m',
    }).toJSON();
    const details = ['mine', { temporalRecovery: { v: 1, error: original } }];
    const failure = ApplicationFailure.create({ message: 'm', type: 'TimeoutError', details });
    assert.deepEqual(ApiLinkerError.fromException(inActivity(failure)).toJSON(), original);
  });

  test('details that only look like ours are not believed', () => {
    for (const error of [
      null,
      1,
      { message: 1, errorCategory: 'AUTH' },
      { message: 'm', errorCategory: 'ODD' },
    ]) {
      const details = [{ temporalRecovery: { v: 1, error } }];
      const failure = ApplicationFailure.create({ message: 'm', type: 'MappingError', details });
      assert.equal(categoryOf(failure), 'MAPPING');
    }
  });

  test('a failure is classified by type and message when nothing else crossed the wire', () => {
    for (const [type, message, category] of [
      ['AxiosError', 'Request failed with status code 503', 'SERVER'],
      ['HTTPError', 'Response code 429 (Too Many Requests)', 'RATE_LIMIT'],
      ['Error', 'connect ECONNREFUSED 127.0.0.1:80', 'NETWORK'],
      ['Error', 'getaddrinfo EAI_AGAIN example.org', 'NETWORK'],
      ['Error', '14 UNAVAILABLE: No connection established', 'NETWORK'],
      ['Error', '16 UNAUTHENTICATED: who are you', 'AUTH'],
      ['AxiosError', 'timeout of 100ms exceeded', 'TIMEOUT'],
      ['TypeError', 'fetch failed', 'NETWORK'],
      ['ZodError', '[]', 'VALIDATION'],
      ['java.net.SocketTimeoutException', 'Read timed out', 'TIMEOUT'],
      ['java.net.UnknownHostException', 'nowhere', 'NETWORK'],
      ['JSONDecodeError', 'Expecting value', 'SERVER'],
      ['Error', 'price is 503 Euro', 'UNKNOWN'],
      ['TypeError', 'x is not a function', 'UNKNOWN'],
    ] as const) {
      assert.equal(categoryOf(ApplicationFailure.create({ type, message })), category, `${type}: ${message}`);
    }
  });
});

describe('chains', () => {
  test('a sure error says more than the vague one around it', () => {
    const inner = Object.assign(new Error('m'), { code: 'UND_ERR_HEADERS_TIMEOUT' });
    assert.equal(categoryOf(new TypeError('fetch failed', { cause: inner })), 'TIMEOUT');
  });

  test('an ApiLinkerError keeps category and fields inside other errors, which add their messages', () => {
    const inner = new ApiLinkerError('m', {
      errorCategory: 'RATE_LIMIT',
      statusCode: 400,
      correlationId: 'c',
    });
    const error = ApiLinkerError.fromException(new Error('sync failed', { cause: inner }));
    assert.equal(error.errorCategory, 'RATE_LIMIT');
    assert.equal(error.correlationId, 'c');
    assert.equal(error.message, 'sync failed: m');
  });

  test('of an AggregateError the first that is sure counts', () => {
    const vague = new Error('Request failed with status code 404');
    const sure = Object.assign(new Error('m'), { status: 500 });
    assert.equal(categoryOf(new AggregateError([new Error('?'), vague, sure])), 'SERVER');
    assert.equal(categoryOf(new AggregateError([new Error('?'), vague])), 'CLIENT');
    assert.equal(categoryOf(new AggregateError([new AggregateError([sure])])), 'SERVER');
    assert.equal(categoryOf(new AggregateError([])), 'UNKNOWN');
  });

  test('chains end after 10 errors, lists after 20, and nested lists take no time', () => {
    let deep: Error = Object.assign(new Error('deepest'), { status: 500 });
    for (let i = 0; i < 10; i++) deep = new Error(`${i}`, { cause: deep });
    assert.equal(categoryOf(deep), 'UNKNOWN');
    let wide: Error = new Error('?');
    for (let i = 0; i < 12; i++) wide = new AggregateError(new Array(10_000).fill(wide));
    const started = Date.now();
    assert.equal(categoryOf(wide), 'UNKNOWN');
    // Followed to the end they would take years.
    assert.ok(Date.now() - started < 10_000);
  });
});

describe('overrides', () => {
  test('the classification of the user comes first', () => {
    const error = ApiLinkerError.fromException({ status: 404 }, { classify: () => 'SERVER' });
    assert.equal(error.errorCategory, 'SERVER');
    assert.equal(error.statusCode, 404);
  });

  test('one that throws, or knows another category, is ignored', () => {
    const throwing = () => {
      throw new Error('no');
    };
    for (const classify of [throwing, () => undefined, () => 'ODD' as ErrorCategory]) {
      assert.equal(ApiLinkerError.fromException({ status: 404 }, { classify }).errorCategory, 'CLIENT');
    }
  });

  test('overrides are redacted too, and a redactor that throws shows nothing', () => {
    const given = { requestUrl: 'https://u:p4ss@h/', additionalContext: { password: 'p4ss', n: 1 } };
    const error = ApiLinkerError.fromException(new Error('m'), given);
    assert.equal(error.requestUrl, 'https://[REDACTED]@h/');
    assert.deepEqual(error.additionalContext, { password: '[REDACTED]', n: 1 });
    const fail = () => {
      throw new Error('no');
    };
    const redactor = { text: fail, url: fail, headers: fail, json: fail, body: fail };
    assert.equal(ApiLinkerError.fromException(new Error('p4ss'), { redactor }).message, '[REDACTED]');
  });

  test('revoked proxies, functions, symbols and values without prototype can be thrown', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const { proxy: list, revoke: revokeList } = Proxy.revocable([], {});
    revokeList();
    const thrown = [proxy, { errors: list, name: 'AggregateError' }, { response: proxy }, { cause: proxy }];
    for (const error of [
      ...thrown,
      () => {},
      Symbol('s'),
      Object.create(null),
      undefined,
      null,
      0,
      10n,
      '',
    ]) {
      assert.equal(ApiLinkerError.fromException(error).errorCategory, 'UNKNOWN');
    }
  });
});
