import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryError } from '../../apilinker/retry-error.js';
import type { DeadLetterState } from '../../common/dead-letter/record.js';

const state = (story: object[]) =>
  ({ story, record: { error: { correlationId: 'sync-1' } } }) as unknown as DeadLetterState;

test('a retry that its circuit breaker rejected is of category SERVER, with the name of the breaker', () => {
  const held = { outcome: 'HELD', status: 'HELD', message: 'Waits for circuit breaker "crm"' } as const;
  const { message, errorCategory, correlationId, operationId, additionalContext } = retryError(
    'x',
    { ...held, breaker: 'crm' },
    state([{ event: 'replay-failed', category: 'NETWORK', message: 'of an earlier one' }]),
  );
  assert.deepEqual(
    [message, errorCategory, correlationId, operationId],
    [held.message, 'SERVER', 'sync-1', 'dlq_retry_x'],
  );
  assert.deepEqual(additionalContext, { dlqId: 'x', circuitBreaker: 'crm' });
});

test('a failed retry is recognised by its attempt, whatever the story says after it', () => {
  const story = [
    { event: 'replay-failed', category: 'SERVER', status: 500, message: 'of an earlier one' },
    { event: 'replay-failed', category: 'RATE_LIMIT', status: 429, message: 'slow down' },
    { event: 'gave-up', message: 'no more replays without a person' },
  ];
  const failed = { outcome: 'FAILED', status: 'WAITING', message: 'no more replays' } as const;
  const { message, errorCategory, statusCode } = retryError('x', failed, state(story));
  assert.deepEqual([message, errorCategory, statusCode], ['slow down', 'RATE_LIMIT', 429]);
});

test('without the state the message is all there is', () => {
  const skipped = { outcome: 'SKIPPED', status: 'WAITING', message: 'no arguments' } as const;
  const { message, errorCategory, correlationId } = retryError('x', skipped, undefined);
  assert.deepEqual([message, errorCategory, correlationId], ['no arguments', 'UNKNOWN', undefined]);
});
