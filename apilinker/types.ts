import type { BreakerConfigInput } from '../common/circuit-breaker/index.js';
import type { ApiLinkerError } from '../common/errors/index.js';
import type { Strategies } from '../common/strategies/index.js';

/** Where work goes that could not be done. */
export interface DeadLetterSink {
  /** Keeps an error with the payload of the work that failed. @returns the id of the item */
  addItem(error: ApiLinkerError, payload: unknown, metadata: Record<string, unknown>): Promise<string>;
}

/** Options of an `ErrorRecoveryManager`. Without any it retries, and keeps nothing. */
export interface ErrorRecoveryManagerOptions {
  /** Without one, the error comes back and nothing is kept. */
  readonly dlq?: DeadLetterSink;
  /** Gets every error: of each attempt, not of each call. */
  readonly analytics?: { recordError(error: ApiLinkerError): void };
  /** Settings of the circuit breakers, by name; `'*'` for all others. */
  readonly breakers?: Readonly<Record<string, BreakerConfigInput>>;
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number;
  /** From 0 to below 1. @default Math.random */
  readonly random?: () => number;
  /** Waits, in milliseconds. @default in an activity with heartbeats, until it is cancelled */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Gets attempts that failed, waits, fallbacks and skips, without secrets. @default console.warn */
  readonly log?: (message: string, attributes: Record<string, unknown>) => void;
}

/** What `ErrorRecoveryManager.handleError` has to know of the work, and its limits for this work. */
export interface HandleErrorOptions<T = unknown> {
  /** For the strategies of this operation; also the name of its circuit breaker. */
  readonly operationType: string;
  /** Given to the operation, to the fallback and to the dead letter. */
  readonly payload?: unknown;
  /** Retries after the first attempt, of each strategy that retries. Numbers that cannot be used mean the default. @default 3 */
  readonly maxRetries?: number;
  /** Milliseconds before the first retry. @default 1000 */
  readonly retryDelay?: number;
  /** Multiplies the wait after each retry, for EXPONENTIAL_BACKOFF. @default 2 */
  readonly backoffFactor?: number;
  /** Of all errors and of the dead letter. @default that of the error */
  readonly correlationId?: string;
  /** Names the operation in its errors. @default that of the error; of a retry's error `<operationType>_retry_<attempt>` */
  readonly operationId?: string;
  /** Answers for strategy FALLBACK. */
  readonly fallback?: { readonly value: T } | ((payload: unknown, error: ApiLinkerError) => T | Promise<T>);
  /** Result of strategy SKIP. @default undefined */
  readonly skipValue?: T;
  /** Ends waits. */
  readonly signal?: AbortSignal;
}

/**
 * The outcome of `ErrorRecoveryManager.handleError`: a result, or the last error, with `additionalContext.dlqId` where it was
 * kept.
 */
export type HandleErrorResult<T> =
  | {
      readonly success: true;
      readonly result: T;
      /** Set where the operation itself did not answer. */
      readonly by?: 'fallback' | 'skip';
      readonly error?: undefined;
    }
  | { readonly success: false; readonly result?: undefined; readonly error: ApiLinkerError };

export type { Strategies };
