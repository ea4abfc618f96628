import { admit } from '../common/circuit-breaker/admit.js';
import type { BreakerConfig, BreakerConfigInput } from '../common/circuit-breaker/config.js';
import { failureCount, initialState } from '../common/circuit-breaker/initial.js';
import { outcomeOf } from '../common/circuit-breaker/outcome.js';
import { disable, forceClosed, forceOpen, type Order, reset } from '../common/circuit-breaker/override.js';
import { parseBreakerConfig } from '../common/circuit-breaker/parse-config.js';
import { record } from '../common/circuit-breaker/record.js';
import type { CallResult, Permit } from '../common/circuit-breaker/result.js';
import type { BreakerState, Step, Transition } from '../common/circuit-breaker/state.js';
import type { CircuitBreakerState } from '../common/circuit-breaker/state-name.js';
import { tick } from '../common/circuit-breaker/tick.js';
import { retryAfterMs } from '../common/errors/index.js';
import { untilAborted } from './abort.js';
import { describeFailure, isAbandoned, rejectionError } from './circuit-breaker-errors.js';

export interface CircuitBreakerBaseOptions extends BreakerConfigInput {
  /** Milliseconds; must never go back. */
  readonly clock: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Called after every transition. What it throws is ignored: it must not fail a call. */
  readonly onTransition?: (transition: Transition, name: string) => void;
}

/** Who overrides, why, and for how many milliseconds; without `expiresIn` until `reset()`. */
export interface OverrideRequest {
  /** Who overrides; stands in the transition. Cut to 500 characters. */
  readonly by?: string;
  /** Why; stands in the transition. Cut to 500 characters. */
  readonly reason?: string;
  /** Milliseconds after which the override ends. @default never: `reset()` ends it */
  readonly expiresIn?: number;
}

/** Options of one call through `CircuitBreaker.execute`. */
export interface ExecuteOptions {
  /** The same for all retries of one execution: it counts as one failure. */
  readonly executionId?: string;
  /** Ends the wait for a call that hangs. An abort says nothing about the service, unless it is a time-out. */
  readonly signal?: AbortSignal;
}

/** The breaker of one process: the machine the fleet's breakers run on, without the fleet. */
export class CircuitBreakerBase {
  /** The rules in use, with all defaults filled in. */
  readonly config: BreakerConfig;
  private current: BreakerState;
  private readonly clock: () => number;
  private readonly random: () => number;
  private readonly onTransition: CircuitBreakerBaseOptions['onTransition'];

  /** @throws BreakerConfigError */
  constructor(
    /** Stands in errors, and is given to `onTransition`. */
    readonly name: string,
    { clock, random, onTransition, ...config }: CircuitBreakerBaseOptions,
  ) {
    this.config = parseBreakerConfig(config, 'options');
    this.clock = clock;
    this.random = random;
    this.onTransition = onTransition;
    this.current = initialState(clock());
  }

  /** The state now: an open time that is over has made it half-open. */
  get state(): CircuitBreakerState {
    return this.snapshot.status;
  }

  /** Failures in a row while it is closed; what it opened with while open; 0 otherwise. */
  get failureCount(): number {
    return failureCount(this.snapshot);
  }

  /** The whole state as plain JSON. */
  get snapshot(): BreakerState {
    return this.follow(tick(this.current, this.config, this.clock()));
  }

  /**
   * Calls `fn` if the breaker lets it, and returns what it returns; undefined and null are successes like any other.
   * @throws ApiLinkerError with `additionalContext.circuitBreaker`: the classified error of `fn`, which is its
   * `cause`, or, with the `errorType` `CircuitOpen`, that the call was rejected. Cancellation is thrown as it is.
   */
  async execute<T>(
    fn: (signal?: AbortSignal) => T | PromiseLike<T>,
    { executionId, signal }: ExecuteOptions = {},
  ): Promise<Awaited<T>> {
    signal?.throwIfAborted();
    const permit = this.acquire(executionId);
    const startedAt = this.clock();
    const settle = (outcome: CallResult['outcome'], failure?: Partial<CallResult>) => {
      const now = this.clock();
      // A success, the common case, copies nothing.
      const ended = { outcome, permit, executionId, durationMs: now - startedAt };
      const call = failure === undefined ? ended : { ...failure, ...ended };
      this.follow(record(this.current, this.config, call, now, this.random()));
    };
    try {
      const value = await untilAborted(fn, signal);
      settle('success');
      return value;
    } catch (error) {
      if (isAbandoned(error, signal)) {
        settle('ignored');
        throw error;
      }
      const failure = describeFailure(this.name, error);
      const { errorCategory: category, statusCode, message } = failure;
      settle(outcomeOf(category, statusCode, this.config), {
        category,
        statusCode,
        message,
        retryAfterMs: retryAfterMs(error, startedAt),
      });
      throw failure;
    }
  }

  /** Rejects every call. */
  forceOpen(request: OverrideRequest = {}): void {
    this.override(forceOpen, request);
  }

  /** Lets every call pass and goes on counting (METRICS_ONLY). */
  forceClosed(request: OverrideRequest = {}): void {
    this.override(forceClosed, request);
  }

  /** Lets every call pass and counts nothing. */
  disable(request: OverrideRequest = {}): void {
    this.override(disable, request);
  }

  /** Closed, with nothing counted; ends every override. */
  reset(request: Omit<OverrideRequest, 'expiresIn'> = {}): void {
    this.override(reset, request);
  }

  private override(
    change: (state: BreakerState, order: Order, now: number) => Step,
    { by, reason, expiresIn }: OverrideRequest,
  ): void {
    const now = this.clock();
    const expiresAt = expiresIn === undefined ? undefined : now + expiresIn;
    this.follow(tick(this.current, this.config, now));
    this.follow(change(this.current, { by, why: reason, expiresAt }, now));
  }

  private acquire(executionId: string | undefined): Permit {
    const admission = admit(this.current, this.config, this.clock(), { executionId });
    this.follow(admission);
    if (admission.rejection !== undefined) throw rejectionError(this.name, admission.rejection);
    return admission.permit;
  }

  private follow({ state, transitions }: Step): BreakerState {
    this.current = state;
    for (const transition of transitions) {
      try {
        this.onTransition?.(transition, this.name);
      } catch {
        // As documented.
      }
    }
    return state;
  }
}
