// Every case of APILinker's behaviour in these areas, against ours. The cases are data: what they call Python
// exceptions are, here, the errors of the clients and the failures that a Python worker sends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiLinkerError, classifyError } from '../../common/errors/index.js';
import cases from '../conformance/apilinker-cases.json';

const AREAS = ['classification', 'classification-connector', 'error'];

/** As an activity in Python fails: a failure whose type is the name of the exception's class. */
function fromPython(type: string, message = 't'): unknown {
  return { name: 'ApplicationFailure', type, message };
}

function withStatus(statusCode: unknown): unknown {
  return Object.assign(new Error('m'), { statusCode });
}

const category = (error: unknown) => ApiLinkerError.fromException(error).errorCategory;

/** `ours: same` is checked against the case's own expectation, anything else against what we promise instead. */
const CHECKS: Readonly<Record<string, (expected: unknown) => void>> = {
  'cls-01': (expected) => assert.equal(category(fromPython('ConnectTimeout')), expected),
  'cls-02': (expected) => assert.equal(category(fromPython('ReadTimeout')), expected),
  'cls-04': (expected) => assert.equal(category(fromPython('ConnectError')), expected),
  'cls-05': (expected) => assert.equal(category(fromPython('ReadError')), expected),
  'cls-07': () => assert.equal(category(fromPython('ProxyError')), 'NETWORK'),
  'cls-08': () => {
    const platform = [
      new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
      ...['HeadersTimeoutError', 'BodyTimeoutError', 'ConnectTimeoutError'].map((name) => ({ name })),
      ...['ECONNABORTED', 'ETIMEDOUT'].map((code) => ({ name: 'AxiosError', isAxiosError: true, code })),
      { name: 'TimeoutFailure', timeoutType: 'START_TO_CLOSE' },
      fromPython('TimeoutError'),
    ];
    for (const error of platform) assert.equal(category(error), 'TIMEOUT', JSON.stringify(error));
  },
  'cls-09': () => {
    const codes = [
      'ECONNREFUSED',
      'ECONNRESET',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EPIPE',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ];
    for (const code of codes)
      assert.equal(category(Object.assign(new Error('m'), { code })), 'NETWORK', code);
    assert.equal(category(fromPython('ConnectionError')), 'NETWORK');
  },
  'cls-10': (expected) => assert.equal(category(withStatus(400)), expected),
  'cls-11': (expected) => assert.equal(category(withStatus(401)), expected),
  'cls-13': (expected) => assert.equal(category(withStatus(404)), expected),
  'cls-14': () => assert.equal(category(withStatus(408)), 'TIMEOUT'),
  'cls-16': (expected) => assert.equal(category(withStatus(422)), expected),
  'cls-17': (expected) => assert.equal(category(withStatus(429)), expected),
  'cls-19': (expected) => assert.equal(category(withStatus(500)), expected),
  'cls-20': (expected) => assert.equal(category(withStatus(503)), expected),
  'cls-25': (expected) => {
    assert.equal(category(new RangeError('v')), expected);
    assert.equal(category(fromPython('ValueError')), expected);
  },
  'cls-26': () => {
    const places = [
      { status: 503 },
      { statusCode: 503 },
      { response: { status: 503 } },
      { response: { statusCode: 503 } },
      fromPython('HTTPStatusError', "Server error '503 Service Unavailable' for url 'http://h/'"),
    ];
    for (const error of places) assert.equal(category(error), 'SERVER', JSON.stringify(error));
    assert.equal(category({ code: 13, details: 'broken', metadata: {} }), 'SERVER');
  },
  'cls-27': () => {
    const error = new ApiLinkerError('m', { errorCategory: 'TIMEOUT', statusCode: 0 });
    assert.equal(category(error), 'TIMEOUT');
  },
  'cls-29': () => {
    const error = new ApiLinkerError('m', { errorCategory: 'VALIDATION', statusCode: 400 });
    assert.equal(category(error), 'VALIDATION');
  },
  'cls-31': () => {
    assert.equal(category(withStatus('503')), 'SERVER');
    for (const none of ['5xx', '', '12', '5030', null, {}, Number.NaN, 503.5]) {
      assert.equal(ApiLinkerError.fromException(withStatus(none)).statusCode, undefined);
    }
  },
  'cls-34': () => {
    assert.equal(ApiLinkerError.fromException({ response: 'x'.repeat(1500) }).responseBody?.length, 1000);
  },
  'cls-35': () => {
    const given = {
      errorCategory: 'NETWORK',
      requestUrl: 'u',
      requestMethod: 'GET',
      responseBody: 'b',
    } as const;
    const error = new ApiLinkerError('m', { ...given, correlationId: 'c' });
    assert.deepEqual(ApiLinkerError.fromException(error).toJSON(), {
      ...error.toJSON(),
      errorType: 'ApiLinkerError',
    });
  },
  'con-01': (expected) => {
    const [expectedCategory, status] = expected as [string, number];
    const found = classifyError(fromPython('ReadTimeout'));
    assert.deepEqual([found.category, found.statusCode ?? 0], [expectedCategory, status]);
  },
  'con-03': () =>
    assert.deepEqual(classifyError({ response: { status: 400 } }), { category: 'CLIENT', statusCode: 400 }),
  'con-04': (expected) => {
    assert.deepEqual(Object.values(classifyError({ response: { status: 404 } })), expected);
  },
  'con-06': (expected) => {
    assert.deepEqual(Object.values(classifyError({ response: { status: 503 } })), expected);
  },
  'con-07': () => {
    assert.deepEqual(classifyError(fromPython('ValueError')), { category: 'UNKNOWN' });
    for (const broken of ['<html>', '{"a":', '']) {
      let thrown: unknown;
      try {
        JSON.parse(broken);
      } catch (error) {
        thrown = error;
      }
      assert.equal(category(thrown), 'SERVER');
    }
  },
  'err-01': (expected) => {
    const request = { requestUrl: 'https://u', requestMethod: 'GET', correlationId: 'c1' };
    const error = new ApiLinkerError('m', { errorCategory: 'AUTH', statusCode: 401, ...request });
    assert.equal(error.toString(), expected);
    assert.equal(String(error), expected);
  },
  'err-03': (expected) => {
    const every = {
      statusCode: 1,
      responseBody: 'b',
      requestUrl: 'u',
      requestMethod: 'GET',
      operationId: 'o',
      correlationId: 'c',
    };
    const keys = Object.keys(new ApiLinkerError('m', every).toJSON()).filter((key) => key !== 'stack');
    const camelCase = (key: string) => key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    assert.deepEqual(keys, (expected as string[]).map(camelCase));
  },
};

for (const { id, area, given, ours, expect } of cases) {
  if (!AREAS.includes(area)) continue;
  test(`${id}: ${given} (${ours})`, () => {
    const check = CHECKS[id];
    assert.ok(check, `no check for ${id}`);
    check(expect);
  });
}
