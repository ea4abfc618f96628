import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { breakerAlerts, type SeenBreaker } from '../../common/alerts/breaker-alerts.js';
import type { CircuitBreakerState } from '../../common/circuit-breaker/index.js';

const AT = Date.UTC(2026, 0, 31, 12);
const breaker = (
  status: string,
  ...steps: readonly [CircuitBreakerState, CircuitBreakerState][]
): SeenBreaker => ({
  ...{ name: 'b', workflowId: 'circuit-breaker/b', status, epoch: steps.length },
  since: AT,
  transitions: steps.map(([from, to], n) => ({
    from,
    to,
    at: AT + n,
    epoch: n + 1,

    reason: { cause: 'consecutive-failures' as const },
  })),
});
const changes = (seen: SeenBreaker, after: number | undefined) =>
  breakerAlerts(seen, after).map(({ change }) => change);

describe('what people want to know of a circuit breaker', () => {
  test('it has opened and closed, once for each outage, however many trials fail', () => {
    const seen = breaker(
      'CLOSED',
      ['CLOSED', 'OPEN'],
      ['OPEN', 'HALF_OPEN'],
      ['HALF_OPEN', 'OPEN'],
      ['OPEN', 'HALF_OPEN'],
      ['HALF_OPEN', 'CLOSED'],
    );
    assert.deepEqual(changes(seen, AT - 1), ['opened', 'closed']);
    const [opened, closed] = breakerAlerts(seen, AT - 1);
    assert.notEqual(opened?.id, closed?.id);
  });

  test('it was set by hand, and is left to itself again', () => {
    assert.deepEqual(
      changes(breaker('CLOSED', ['CLOSED', 'FORCED_OPEN'], ['FORCED_OPEN', 'CLOSED']), AT - 1),
      ['forced', 'closed'],
    );
    assert.deepEqual(changes(breaker('DISABLED', ['OPEN', 'DISABLED']), AT - 1), ['forced']);
  });

  test('what was seen by an earlier look is left out', () => {
    assert.deepEqual(changes(breaker('CLOSED', ['CLOSED', 'OPEN'], ['OPEN', 'CLOSED']), AT), ['closed']);
  });

  test('the first look says only what is wrong now, and the next one the same by its id', () => {
    const open = breaker('OPEN', ['CLOSED', 'OPEN']);
    assert.deepEqual(breakerAlerts(open, undefined)[0]?.id, breakerAlerts(open, AT - 1)[0]?.id);
    assert.deepEqual(changes(breaker('CLOSED', ['CLOSED', 'OPEN'], ['OPEN', 'CLOSED']), undefined), []);
    assert.deepEqual(changes(breaker('OPEN', ['CLOSED', 'OPEN']), undefined), ['opened']);
    assert.deepEqual(changes(breaker('HALF_OPEN', ['CLOSED', 'OPEN'], ['OPEN', 'HALF_OPEN']), undefined), [
      'opened',
    ]);
  });

  test('of one that does not answer, its memo says what it is now', () => {
    const { transitions: _, ...silent } = breaker('OPEN', ['CLOSED', 'OPEN']);
    assert.deepEqual(changes(silent, AT - 1), ['opened']);
  });
});
