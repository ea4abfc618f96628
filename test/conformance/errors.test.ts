// What APILinker's error says of itself, where its cases (test/errors) leave something open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiLinkerError } from 'temporal-recovery';

test('toString leaves out what is empty or unknown', () => {
  const text = (options: object) => String(new ApiLinkerError('m', options));
  assert.equal(text({ statusCode: 0, correlationId: '', requestUrl: '', requestMethod: '' }), '[UNKNOWN] m');
  assert.equal(text({ requestUrl: 'https://u' }), '[UNKNOWN] m');
  assert.equal(text({ requestMethod: 'GET' }), '[UNKNOWN] m');
  assert.equal(text({ requestUrl: 'https://u', requestMethod: 'PUT' }), '[UNKNOWN] m | PUT https://u');
});

test('overrides win for every field, over what is thrown and over an error that was classified before', () => {
  const overrides = {
    message: 'mine',
    errorCategory: 'PLUGIN',
    statusCode: 499,
    responseBody: 'body',
    requestUrl: 'https://mine.example/',
    requestMethod: 'PATCH',
    timestamp: '2020-01-01T00:00:00.000Z',
    operationId: 'op',
    correlationId: 'cid',
    additionalContext: { a: 1 },
    errorType: 'Mine',
    stack: 'at mine',
  } as const;
  const thrown = Object.assign(new Error('theirs'), {
    response: { status: 503, data: 'x', headers: { 'x-request-id': 'r' } },
    config: { url: 'https://theirs.example/', method: 'get' },
  });
  for (const error of [thrown, ApiLinkerError.fromException(thrown), undefined]) {
    assert.deepEqual(ApiLinkerError.fromException(error, overrides).toJSON(), overrides);
  }
});
