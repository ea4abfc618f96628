import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { readBreaker } from '../../client/breakers/entity.js';
import { CircuitBreakerState } from '../../common/breaker/index.js';

const LOOK_MS = 1_000;
const LETS_PASS: readonly CircuitBreakerState[] = [
  CircuitBreakerState.CLOSED,
  CircuitBreakerState.DISABLED,
  CircuitBreakerState.METRICS_ONLY,
];

/** Returns when a circuit breaker lets calls pass, or is no longer there. */
export async function waitForBreaker(name: string): Promise<void> {
  const { client, heartbeat, cancellationSignal } = Context.current();
  for (;;) {
    const run = await readBreaker(client, name);
    if (run === undefined || LETS_PASS.includes(run.memo.status)) return;
    heartbeat();
    await sleep(LOOK_MS, undefined, { signal: cancellationSignal });
  }
}
