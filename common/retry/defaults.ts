import { ErrorCategory } from '../errors/index.js';

/** A retry policy by error category. Durations in milliseconds. */
export interface CategoryPolicy {
  /** Retries after the first attempt. */
  readonly maxRetries: number;
  readonly initialIntervalMs: number;
  readonly backoffCoefficient: number;
  readonly maximumIntervalMs: number;
}

/** Transient: as long as Temporal's own backoff, but with an end. */
const TRANSIENT: CategoryPolicy = {
  maxRetries: 10,
  initialIntervalMs: 1_000,
  backoffCoefficient: 2,
  maximumIntervalMs: 100_000,
};

/** Hopeless: trying again cannot change the answer. */
const HOPELESS: CategoryPolicy = { ...TRANSIENT, maxRetries: 0 };

export const DEFAULT_POLICIES: Readonly<Record<ErrorCategory, CategoryPolicy>> = {
  [ErrorCategory.NETWORK]: TRANSIENT,
  [ErrorCategory.TIMEOUT]: TRANSIENT,
  [ErrorCategory.RATE_LIMIT]: TRANSIENT,
  [ErrorCategory.SERVER]: TRANSIENT,
  [ErrorCategory.UNKNOWN]: TRANSIENT,
  [ErrorCategory.AUTHENTICATION]: HOPELESS,
  [ErrorCategory.VALIDATION]: HOPELESS,
  [ErrorCategory.CLIENT]: HOPELESS,
  [ErrorCategory.MAPPING]: HOPELESS,
  [ErrorCategory.PLUGIN]: HOPELESS,
};
