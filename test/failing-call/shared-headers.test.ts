// Calls that failed together are decided by one local activity: its headers must not say that all are of the tenant of the first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultPayloadConverter } from '@temporalio/common';
import { sharedHeaders } from '../../workflows/failing-call/shared-headers.js';

const headers = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, defaultPayloadConverter.toPayload(value)]),
  );

describe('headers of several calls', () => {
  test('of one call: all', () => {
    const only = headers({ tenant: 'a', _other: 1 });
    assert.deepEqual(sharedHeaders([only]), only);
  });

  test('what all have is kept, another tenant is not', () => {
    const calls = ['a', 'b', 'a'].map((tenant) => headers({ tenant, region: 'eu' }));
    assert.deepEqual(sharedHeaders(calls), headers({ region: 'eu' }));
    assert.deepEqual(sharedHeaders([headers({ tenant: 'a' }), headers({})]), {});
    assert.deepEqual(sharedHeaders([headers({ tenant: 'a' }), headers({ tenant: 'ab' })]), {});
  });

  test('the trace is that of the first', () => {
    const calls = ['1', '2'].map((span) => headers({ '_tracer-data': { span }, tenant: span }));
    assert.deepEqual(sharedHeaders(calls), headers({ '_tracer-data': { span: '1' } }));
  });

  test('of no call: none', () => assert.deepEqual(sharedHeaders([]), {}));
});
