import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { classifyError, type ErrorCategory } from '../../common/errors/index.js';

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
