import type { RetryPolicy } from '@temporalio/common';
import { DEFAULT_LIMITS } from './defaults.js';
import type { RetryLimitsOptions, Strategies } from './options.js';
import { planOf } from './plan.js';
import { Problems } from './problems.js';
import { readLimits, readStrategies } from './read.js';

/**
 * The Temporal retry policy that comes closest to a sequence of strategies, for those who set it on a call themselves.
 *
 * Attempts are exact. A policy has one interval and one coefficient: of several strategies that retry, the shortest
 * interval and the greatest coefficient are taken. Jitter, `Retry-After`, FALLBACK and SKIP need the plugin.
 * @throws InvalidRecoveryError with path, value and allowed values
 */
export function toRetryPolicy(strategies: Strategies, options: RetryLimitsOptions = {}): RetryPolicy {
  const problems = new Problems('toRetryPolicy');
  const steps = readStrategies(strategies, 'strategies', problems);
  const limits = readLimits(options, 'options', problems);
  problems.throwIfAny();
  const { phases, maxRetries } = planOf({
    steps,
    limits: { ...DEFAULT_LIMITS, ...limits },
    onExhausted: 'deadLetter',
  });
  if (maxRetries === 0) return { maximumAttempts: 1 };
  const cap = Math.max(...phases.map(({ cap }) => cap));
  const initialInterval = Math.max(1, Math.min(...phases.map(({ delay, cap }) => Math.min(delay, cap))));
  return {
    maximumAttempts: maxRetries + 1,
    initialInterval,
    backoffCoefficient: Math.max(...phases.map(({ factor }) => factor)),
    ...(Number.isFinite(cap) ? { maximumInterval: Math.max(cap, initialInterval) } : {}),
  };
}
