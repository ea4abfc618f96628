import type { ErrorCategory } from '../errors/category.js';
import type { Defaults } from './defaults.js';
import { planOf, type RecoveryPlan } from './plan.js';
import type { CategoryRules, RecoveryRules, RetryLimits } from './rules.js';
import { RecoveryStrategy } from './strategy.js';

/** Rules of a call, most specific first: the call's own, its operation's, those for all. */
export type Layers = readonly (RecoveryRules | undefined)[];

/**
 * The plan for an error. Each setting is taken from the most specific rules that have it; within one set of rules,
 * what is said of the category comes before what is said of all.
 */
export function resolvePlan(layers: Layers, category: ErrorCategory, defaults: Defaults): RecoveryPlan {
  const rules = flatten(layers, category);
  const first = <K extends keyof CategoryRules>(key: K): CategoryRules[K] =>
    rules.find((each) => each[key] !== undefined)?.[key];
  const steps = first('strategies');
  const failsFast = steps !== undefined && !steps.some(({ strategy }) => RETRYING.includes(strategy));
  return planOf({
    patience: first('patience') ?? (failsFast ? 0 : undefined),
    autoRelease: first('autoRelease'),
    maxWorkerLosses: first('maxWorkerLosses'),
    steps: steps ?? defaults.strategies[category].map((strategy) => ({ strategy })),
    limits: {
      maxRetries: first('maxRetries') ?? defaults.limits.maxRetries,
      retryDelay: first('retryDelay') ?? defaults.limits.retryDelay,
      backoffFactor: first('backoffFactor') ?? defaults.limits.backoffFactor,
      maxRetryDelay: first('maxRetryDelay') ?? defaults.limits.maxRetryDelay,
      jitter: first('jitter') ?? defaults.limits.jitter,
    },
    onExhausted: first('onExhausted') ?? 'deadLetter',
    parkTimeout: first('parkTimeout'),
    fallback: first('fallback'),
    skipValue: first('skipValue'),
  });
}

const RETRYING: readonly RecoveryStrategy[] = [RecoveryStrategy.RETRY, RecoveryStrategy.EXPONENTIAL_BACKOFF];

const INTERVALS: readonly (keyof RetryLimits)[] = ['retryDelay', 'backoffFactor', 'maxRetryDelay', 'jitter'];

/** Whether any of the rules says how long to wait between attempts. */
export function setsIntervals(layers: Layers, category: ErrorCategory): boolean {
  return flatten(layers, category).some(
    (rules) =>
      INTERVALS.some((key) => rules[key] !== undefined) ||
      rules.strategies?.some((step) => INTERVALS.some((key) => step[key] !== undefined)),
  );
}

/** Whether any of the rules says how often to try. */
export function setsAttempts(layers: Layers, category: ErrorCategory): boolean {
  return flatten(layers, category).some(
    ({ maxRetries, strategies }) => maxRetries !== undefined || strategies !== undefined,
  );
}

function flatten(layers: Layers, category: ErrorCategory): CategoryRules[] {
  return layers.flatMap((rules) => {
    if (rules === undefined) return [];
    const special = rules.categories?.[category];
    return special === undefined ? [rules] : [special, rules];
  });
}
