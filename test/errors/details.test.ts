import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { DETAIL_KEY } from '../../common/contract.js';
import { ApiLinkerError, classifyError, type ErrorCategory } from '../../common/errors/index.js';

const CASES: [string, unknown[], ErrorCategory, number | undefined][] = [
  ['refused', [{ status: 404 }], 'CLIENT', 404],
  ['refused', ['order 7', { status_code: 503 }], 'SERVER', 503],
  ['refused', [{ code: 429 }], 'RATE_LIMIT', 429],
  ['a reply of the SMTP server', [{ code: 503 }], 'UNKNOWN', undefined],
  ['refused', [{ status: 200 }], 'UNKNOWN', undefined],
];

test('a status in the details of an ApplicationFailure says what failed', () => {
  for (const [message, details, category, statusCode] of CASES) {
    const found = classifyError(ApplicationFailure.create({ message, type: 'OrderError', details }));
    assert.deepEqual([found.category, found.statusCode], [category, statusCode], JSON.stringify(details));
  }
});

test('an attempt that another was to follow, and that the server ended, keeps its category and status', () => {
  const pending = (detail: object) =>
    ApplicationFailure.create({ message: 'the gate is closed', details: ['own', { [DETAIL_KEY]: detail }] });
  const known = ApiLinkerError.fromException(
    pending({ v: 1, category: 'SERVER', status: 503, attempts: 3, breaker: 'crm' }),
  );
  assert.deepEqual([known.errorCategory, known.statusCode], ['SERVER', 503]);
  assert.equal(known.message, 'the gate is closed');
  for (const madeUp of [
    { v: 1, category: 'NOTHING', status: 503 },
    { v: 2, category: 'SERVER', status: 503 },
    { category: 'SERVER' },
    { v: 1, category: 7 },
  ]) {
    assert.equal(ApiLinkerError.fromException(pending(madeUp)).errorCategory, 'UNKNOWN');
  }
  const odd = ApiLinkerError.fromException(pending({ v: 1, category: 'SERVER', status: 'x' }));
  assert.deepEqual([odd.errorCategory, odd.statusCode], ['SERVER', undefined]);
});
