import { hash52 } from '../text/text.js';
import type { BreakerConfig } from './config.js';
import type { CallResult } from './result.js';
import { sampleOf } from './result.js';
import type { Health, TransitionReason } from './state.js';
import { addCall, countCalls } from './window.js';

/** Executions remembered as failed; more are forgotten, oldest first, and would count again. */
export const REMEMBERED_EXECUTIONS = 1_000;

export const HEALTHY: Health = { failuresInARow: 0, failed: [] };

export interface Verdict {
  readonly health: Health;
  /** Set when a rule says that it has to open. */
  readonly trip?: TransitionReason;
}

/**
 * Counts one call and asks the rules. A retried execution counts as a failure once: one poison record must not look
 * like an outage.
 */
export function recordCall(health: Health, config: BreakerConfig, call: CallResult, now: number): Verdict {
  if (call.outcome === 'ignored') return { health };
  const slow = isSlow(call, config);
  if (call.outcome === 'success') {
    return judge(withCall(afterSuccess(health), config, { failed: false, slow }, now), config, call, now);
  }
  const waiting = withRetryAfter(health, config, call, now);
  const execution = call.executionId === undefined ? undefined : hash52(call.executionId);
  const isKnown = execution !== undefined && health.failed.includes(execution);
  // What has failed before says nothing where others succeed; where nothing has, it may be an outage that goes on.
  const isOld = call.isFresh === false && health.succeeded === true;
  if (isKnown || isOld) return { health: waiting };
  return judge(
    withCall(afterFailure(waiting, execution), config, { failed: true, slow }, now),
    config,
    call,
    now,
  );
}

function afterSuccess(before: Health): Health {
  const { failuresInARow, failed, notBefore, window } = before;
  // The common case, call after call: nothing to tell, and nothing to make.
  if (failuresInARow === 0 && notBefore === undefined && before.succeeded) return before;
  const health = { failuresInARow: 0, failed, succeeded: true as const };
  return window === undefined ? health : { ...health, window };
}

function afterFailure(health: Health, execution: string | undefined): Health {
  const failuresInARow = health.failuresInARow + 1;
  if (execution === undefined) return { ...health, failuresInARow };
  return { ...health, failuresInARow, failed: [...health.failed, execution].slice(-REMEMBERED_EXECUTIONS) };
}

export function isSlow(call: CallResult, { slowCallRate }: BreakerConfig): boolean {
  return slowCallRate !== false && (call.durationMs ?? 0) >= slowCallRate.slowCallDuration;
}

function withCall(
  health: Health,
  config: BreakerConfig,
  call: { readonly failed: boolean; readonly slow: boolean },
  now: number,
): Health {
  if (config.failureRate === false && config.slowCallRate === false) return health;
  return { ...health, window: addCall(health.window, config.window, call, now) };
}

/** What 429 and 503 ask for holds even if a later failure, which opens, does not say it again. */
function withRetryAfter(health: Health, config: BreakerConfig, call: CallResult, now: number): Health {
  const wait = retryAfterOf(call, config);
  if (wait === undefined) return health;
  return { ...health, notBefore: Math.max(health.notBefore ?? 0, now + wait) };
}

/** Milliseconds from now, capped; undefined unless a counted 429 or 503 says it. */
export function retryAfterOf(call: CallResult, { retryAfterCap }: BreakerConfig): number | undefined {
  const { outcome, retryAfterMs, statusCode } = call;
  if (outcome !== 'failure' || retryAfterMs === undefined || !(retryAfterMs > 0)) return undefined;
  if (statusCode !== 429 && statusCode !== 503) return undefined;
  return Math.min(retryAfterMs, retryAfterCap);
}

function judge(health: Health, config: BreakerConfig, call: CallResult, now: number): Verdict {
  const trip = consecutive(health, config, call) ?? byRates(health, config, call, now);
  return trip === undefined ? { health } : { health, trip };
}

function consecutive(
  { failuresInARow }: Health,
  { consecutiveFailures: threshold }: BreakerConfig,
  call: CallResult,
): TransitionReason | undefined {
  if (threshold === 0 || failuresInARow < threshold) return undefined;
  return { cause: 'consecutive-failures', failures: failuresInARow, threshold, ...sampleOf(call) };
}

function byRates(
  health: Health,
  config: BreakerConfig,
  call: CallResult,
  now: number,
): TransitionReason | undefined {
  const { failureRate, slowCallRate } = config;
  if (failureRate === false && slowCallRate === false) return undefined;
  const { calls, failures, slow } = countCalls(health.window, config.window, now);
  // Divided, not multiplied: 3 / 30 is 0.1, but 0.1 * 30 is more than 3.
  const reached = (rule: { threshold: number; minimumCalls: number } | false, part: number) =>
    rule !== false && calls >= rule.minimumCalls && part / calls >= rule.threshold;
  const counts = { calls, failures, slowCalls: slow, ...sampleOf(call) };
  if (failureRate !== false && reached(failureRate, failures)) {
    return { cause: 'failure-rate', ...counts, rate: failures / calls, threshold: failureRate.threshold };
  }
  if (slowCallRate !== false && reached(slowCallRate, slow)) {
    return { cause: 'slow-call-rate', ...counts, rate: slow / calls, threshold: slowCallRate.threshold };
  }
  return undefined;
}
