import { ErrorCategory } from '../errors/category.js';
import type { RetryLimits } from './rules.js';
import { RecoveryStrategy } from './strategy.js';

export type StrategyTable = Readonly<Record<ErrorCategory, readonly RecoveryStrategy[]>>;

const { RETRY, EXPONENTIAL_BACKOFF, CIRCUIT_BREAKER, FAIL_FAST } = RecoveryStrategy;

/** Strategies of APILinker. */
export const APILINKER_STRATEGIES: StrategyTable = {
  [ErrorCategory.NETWORK]: [EXPONENTIAL_BACKOFF],
  [ErrorCategory.TIMEOUT]: [EXPONENTIAL_BACKOFF],
  [ErrorCategory.RATE_LIMIT]: [EXPONENTIAL_BACKOFF],
  [ErrorCategory.SERVER]: [CIRCUIT_BREAKER, EXPONENTIAL_BACKOFF],
  [ErrorCategory.CLIENT]: [FAIL_FAST],
  [ErrorCategory.AUTHENTICATION]: [FAIL_FAST],
  [ErrorCategory.VALIDATION]: [FAIL_FAST],
  [ErrorCategory.MAPPING]: [FAIL_FAST],
  [ErrorCategory.PLUGIN]: [FAIL_FAST],
  [ErrorCategory.UNKNOWN]: [RETRY],
};

/** Limits of APILinker: 3 retries, after 1, 2 and 4 s. */
export const APILINKER_LIMITS: Required<RetryLimits> = {
  maxRetries: 3,
  retryDelay: 1_000,
  backoffFactor: 2,
  maxRetryDelay: Number.POSITIVE_INFINITY,
  jitter: 'none',
};

/** Strategies of the plugin: APILinker's, but that errors nobody knows are not retried at a fixed rate. */
const DEFAULT_STRATEGIES: StrategyTable = {
  ...APILINKER_STRATEGIES,
  [ErrorCategory.UNKNOWN]: [EXPONENTIAL_BACKOFF],
};

/** Limits of the plugin: the backoff of Temporal's default retry policy, but with an end. */
export const DEFAULT_LIMITS: Required<RetryLimits> = {
  maxRetries: 10,
  retryDelay: 1_000,
  backoffFactor: 2,
  maxRetryDelay: 100_000,
  jitter: 'none',
};

export interface Defaults {
  readonly strategies: StrategyTable;
  readonly limits: Required<RetryLimits>;
}

export const PLUGIN_DEFAULTS: Defaults = { strategies: DEFAULT_STRATEGIES, limits: DEFAULT_LIMITS };
export const APILINKER_DEFAULTS: Defaults = { strategies: APILINKER_STRATEGIES, limits: APILINKER_LIMITS };
