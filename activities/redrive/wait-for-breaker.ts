import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { readBreaker } from '../../client/circuit-breaker/entity.js';
import { type BreakerStatus, CircuitBreakerState, shownStatus } from '../../common/circuit-breaker/index.js';

const LOOK_MS = 1_000;
const LETS_PASS: readonly (BreakerStatus | undefined)[] = [
  CircuitBreakerState.CLOSED,
  CircuitBreakerState.DISABLED,
  CircuitBreakerState.METRICS_ONLY,
];

/** A trial of another call ends the half-open state earlier; without another call the next letter is the trial. */
const HALF_OPEN_MS = 5_000;

/**
 * Returns when a circuit breaker lets calls pass and the quota of all its calls is not used up, when it needs a trial that
 * no other call provides, or when it no longer exists.
 */
export async function waitForBreaker(name: string): Promise<void> {
  const { client, heartbeat, cancellationSignal } = Context.current();
  let halfOpenSince: number | undefined;
  for (;;) {
    const run = await readBreaker(client, name);
    if (run === undefined || LETS_PASS.includes(shownStatus(run.memo))) return;
    const isHalfOpen = run.memo.status === CircuitBreakerState.HALF_OPEN;
    halfOpenSince = isHalfOpen ? (halfOpenSince ?? performance.now()) : undefined;
    if (halfOpenSince !== undefined && performance.now() - halfOpenSince >= HALF_OPEN_MS) return;
    heartbeat();
    await sleep(LOOK_MS, undefined, { signal: cancellationSignal });
  }
}
