import { CancelledFailure } from '@temporalio/common';
import {
  ApiLinkerError,
  ErrorCategory,
  type FromExceptionOverrides,
  isApiLinkerError,
  isErrorCategory,
  retryAfterMs,
} from '../common/errors/index.js';
import {
  APILINKER_DEFAULTS,
  delayAfter,
  Problems,
  planOf,
  RETRY_AFTER_CAP_MS,
  type RecoveryPlan,
  type RecoveryStrategy,
  readStrategies,
  type Step,
} from '../common/strategies/index.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type {
  DeadLetterSink,
  ErrorRecoveryManagerOptions,
  HandleErrorOptions,
  HandleErrorResult,
  Strategies,
} from './types.js';
import { wait } from './wait.js';

/**
 * APILinker's manager, for code that is not an activity call of a workflow: within activities, and outside of workers.
 * Its strategies and limits are APILinker's: 3 retries, after 1, 2 and 4 s.
 */
export class ErrorRecoveryManager {
  private readonly strategies = new Map<string, readonly Step[]>();
  private readonly breakers = new Map<string, CircuitBreaker>();
  private readonly clock: () => number;
  private readonly random: () => number;
  private readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  private readonly log: (message: string, attributes: Record<string, unknown>) => void;

  constructor(private readonly options: ErrorRecoveryManagerOptions = {}) {
    this.clock = options.clock ?? Date.now;
    this.random = options.random ?? Math.random;
    this.sleep = options.sleep ?? wait;
    const log = options.log ?? ((message, attributes) => console.warn(message, attributes));
    this.log = (message, attributes) => harmless(() => log(message, attributes));
  }

  /**
   * Sets what is done about errors of a category; for one operation only, where `operationType` is given.
   * @throws InvalidRecoveryError naming the value and what is allowed
   */
  setStrategy(category: ErrorCategory, strategies: Strategies, operationType?: string): void {
    const problems = new Problems('setStrategy');
    if (!isErrorCategory(category)) {
      problems.add('category', `one of ${Object.values(ErrorCategory).join(', ')}`, category);
    }
    const steps = readStrategies(strategies, 'strategies', problems);
    problems.throwIfAny();
    this.strategies.set(keyOf(category, operationType), steps);
  }

  /** The strategies in use for a category: those set for the operation, else those set for the category, else APILinker's. */
  getStrategies(category: ErrorCategory, operationType?: string): RecoveryStrategy[] {
    return this.stepsOf(category, operationType).map(({ strategy }) => strategy);
  }

  /** The circuit breaker of this process with that name. */
  getCircuitBreaker(name: string): CircuitBreaker {
    const known = this.breakers.get(name);
    if (known !== undefined) return known;
    const { breakers = {} } = this.options;
    const { clock, random } = this.options;
    const made = new CircuitBreaker(name, { ...breakers['*'], ...breakers[name], clock, random });
    this.breakers.set(name, made);
    return made;
  }

  /**
   * Does what the strategies say about an error: calls the operation, again after waits, until it succeeds or they are
   * used up; then the fallback, the skip value, or the dead letter. An error of another category on the way goes on
   * with the strategies of that category. The correlation id of `error` stays that of the work, in every error that
   * follows and in the dead letter.
   * @throws CancelledFailure, or what aborted `signal`
   */
  async handleError<T>(
    error: unknown,
    operation: (payload: unknown) => T | Promise<T>,
    given: HandleErrorOptions<T>,
  ): Promise<HandleErrorResult<T>> {
    const first = this.classify(error, given, 0);
    const options = { ...given, correlationId: first.correlationId };
    let last = first;
    let plan = this.planFor(first, options);
    if (calls(this.stepsOf(first.errorCategory, options.operationType))) {
      let delay = askedFor(error, first, this.clock()) ?? 0;
      for (let attempt = 1; ; attempt++) {
        if (delay > 0) await this.waitBefore(attempt, delay, plan, options);
        const outcome = await this.attempt(operation, options, plan.guarded);
        if ('result' in outcome) return { success: true, result: outcome.result };
        last = this.classify(outcome.error, options, attempt);
        plan = this.planFor(last, options);
        this.logFailure(attempt, last, plan, options);
        const planned = delayAfter(plan, attempt, this.random());
        if (planned === undefined) break;
        delay = askedFor(outcome.error, last, this.clock()) ?? planned;
      }
    }
    return this.end(last, plan, options);
  }

  private waitBefore(
    attempt: number,
    delayMs: number,
    { maxRetries }: RecoveryPlan,
    { operationType, correlationId, signal }: HandleErrorOptions,
  ): Promise<void> {
    const attributes = { operationType, correlationId, attempt, maxRetries, delayMs };
    this.log('temporal-recovery: waiting before the next attempt', attributes);
    return this.sleep(delayMs, signal);
  }

  private logFailure(
    attempt: number,
    { errorCategory: category, statusCode, message }: ApiLinkerError,
    { maxRetries }: RecoveryPlan,
    { operationType, correlationId }: HandleErrorOptions,
  ): void {
    const attributes = { operationType, correlationId, attempt, maxRetries, category, statusCode, message };
    this.log('temporal-recovery: an attempt failed', attributes);
  }

  private async end<T>(
    error: ApiLinkerError,
    { ends }: RecoveryPlan,
    options: HandleErrorOptions<T>,
  ): Promise<HandleErrorResult<T>> {
    const { operationType, payload, fallback, skipValue } = options;
    let fallbackError: ApiLinkerError | undefined;
    for (const { action } of ends) {
      if (action === 'fallback' && fallback !== undefined) {
        try {
          const result = typeof fallback === 'function' ? await fallback(payload, error) : fallback.value;
          this.log('temporal-recovery: a fallback answered', {
            operationType,
            category: error.errorCategory,
          });
          return { success: true, result, by: 'fallback' };
        } catch (failure) {
          fallbackError = this.classify(failure, options, 0);
        }
      }
      if (action === 'skip') {
        this.log('temporal-recovery: a failed operation was skipped', {
          operationType,
          category: error.errorCategory,
        });
        return { success: true, result: skipValue as T, by: 'skip' };
      }
    }
    return { success: false, error: await this.deadLetter(error, fallbackError, options) };
  }

  private async deadLetter(
    error: ApiLinkerError,
    fallbackError: ApiLinkerError | undefined,
    { payload, operationType }: HandleErrorOptions,
  ): Promise<ApiLinkerError> {
    const { dlq } = this.options;
    if (dlq === undefined) return error;
    const metadata = {
      operationType,
      ...(fallbackError === undefined ? {} : { fallbackError: fallbackError.toJSON() }),
    };
    const dlqId = await this.keep(dlq, error, payload, metadata);
    const { message, stack, ...json } = error.toJSON();
    return new ApiLinkerError(message, {
      ...json,
      stack,
      additionalContext: { ...error.additionalContext, dlqId },
    });
  }

  /** If the queue fails, that error is thrown: the work is not kept. The log has the error of the work. */
  private async keep(
    dlq: DeadLetterSink,
    error: ApiLinkerError,
    payload: unknown,
    metadata: Record<string, unknown>,
  ): Promise<string> {
    try {
      return await dlq.addItem(error, payload, metadata);
    } catch (failure) {
      const { stack, ...json } = error.toJSON();
      const because = ApiLinkerError.fromException(failure).message;
      this.log('temporal-recovery: a dead letter could not be kept', { ...metadata, error: json, because });
      throw failure;
    }
  }

  private async attempt<T>(
    operation: (payload: unknown) => T | Promise<T>,
    { operationType, payload, signal }: HandleErrorOptions<T>,
    guarded: boolean,
  ): Promise<{ readonly result: T } | { readonly error: unknown }> {
    signal?.throwIfAborted();
    try {
      const run = async () => operation(payload);
      const result = guarded
        ? await this.getCircuitBreaker(operationType).execute(run, { signal })
        : await run();
      return { result: result as T };
    } catch (error) {
      if (error instanceof CancelledFailure || signal?.aborted) throw error;
      return { error };
    }
  }

  private classify(
    error: unknown,
    { correlationId, operationType, operationId }: HandleErrorOptions,
    attempt: number,
  ): ApiLinkerError {
    const overrides: FromExceptionOverrides = {
      // An error that was classified where it happened keeps its time.
      timestamp: attempt === 0 && isApiLinkerError(error) ? undefined : new Date(this.clock()).toISOString(),
      correlationId,
      operationId: operationId ?? (attempt === 0 ? undefined : `${operationType}_retry_${attempt}`),
    };
    const classified = ApiLinkerError.fromException(error, overrides);
    harmless(() => this.options.analytics?.recordError(classified));
    return classified;
  }

  private planFor({ errorCategory }: ApiLinkerError, options: HandleErrorOptions): RecoveryPlan {
    const { operationType, maxRetries, retryDelay, backoffFactor } = options;
    const { limits } = APILINKER_DEFAULTS;
    return planOf({
      steps: this.stepsOf(errorCategory, operationType),
      limits: {
        ...limits,
        // An error must not be lost because of an option. Without any wait, retries would be a hot loop.
        maxRetries: numberFrom(0, maxRetries) ?? limits.maxRetries,
        retryDelay: finiteFrom(0, retryDelay) ?? limits.retryDelay,
        backoffFactor: finiteFrom(1, backoffFactor) ?? limits.backoffFactor,
      },
      onExhausted: 'deadLetter',
    });
  }

  private stepsOf(category: ErrorCategory, operationType?: string): readonly Step[] {
    return (
      this.strategies.get(keyOf(category, operationType)) ??
      this.strategies.get(keyOf(category)) ??
      (APILINKER_DEFAULTS.strategies[category] ?? ['RETRY']).map((strategy) => ({ strategy }))
    );
  }
}

function keyOf(category: ErrorCategory, operationType?: string): string {
  // An operation without a name is any operation.
  return JSON.stringify([category, operationType || null]);
}

/** Who watches the work must not fail it. */
function harmless(watch: () => void): void {
  try {
    watch();
  } catch {
    // the work goes on
  }
}

function numberFrom(least: number, value: unknown): number | undefined {
  return typeof value === 'number' && value >= least ? value : undefined;
}

function finiteFrom(least: number, value: unknown): number | undefined {
  return Number.isFinite(value) ? numberFrom(least, value) : undefined;
}

/** Whether the operation is called at all: FAIL_FAST and SKIP end a sequence before what stands behind them. */
function calls(steps: readonly Step[]): boolean {
  const [first] = steps.filter(({ strategy }) => strategy !== 'FALLBACK');
  return first !== undefined && first.strategy !== 'FAIL_FAST' && first.strategy !== 'SKIP';
}

/** The wait that a service asks for, in milliseconds, with the error or in the context of one classified before. */
function askedFor(thrown: unknown, { additionalContext }: ApiLinkerError, now: number): number | undefined {
  const asked =
    retryAfterMs(thrown, now) ?? retryAfterMs({ headers: additionalContext, ...additionalContext }, now);
  return asked === undefined ? undefined : Math.min(asked, RETRY_AFTER_CAP_MS);
}
