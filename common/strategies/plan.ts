import type { Answer, RetryLimits, Step } from './rules.js';
import { type Jitter, type OnExhausted, RecoveryStrategy } from './strategy.js';

/** Retries at fixed or growing intervals. Durations in milliseconds. */
export interface Phase {
  readonly retries: number;
  readonly delay: number;
  /** 1 for a fixed interval. */
  readonly factor: number;
  readonly cap: number;
  readonly jitter: Jitter;
}

/** One thing to do when retries are used up; the next one is for when it fails. */
export type End =
  | { readonly action: 'deadLetter' | 'fail' }
  /** Milliseconds. */
  | { readonly action: 'park'; readonly timeout: number | undefined }
  | { readonly action: 'fallback'; readonly answer: Answer | undefined }
  | { readonly action: 'skip'; readonly answer: Answer | undefined };

/** What a sequence of strategies comes to. */
export interface RecoveryPlan {
  readonly phases: readonly Phase[];
  /** Sum over the phases. */
  readonly maxRetries: number;
  /** CIRCUIT_BREAKER is among the strategies. */
  readonly guarded: boolean;
  /** At least one; the last cannot fail. */
  readonly ends: readonly End[];
}

export interface Sequence {
  readonly steps: readonly Step[];
  readonly limits: Required<RetryLimits>;
  readonly onExhausted: OnExhausted;
  readonly parkTimeout?: number;
  readonly fallback?: Answer;
  readonly skipValue?: Answer;
}

/**
 * Strategies in sequence: their retries add up; FAIL_FAST and SKIP end the sequence; FALLBACK is the last resort
 * wherever it stands. No strategies at all is FAIL_FAST.
 */
export function planOf({
  steps,
  limits,
  onExhausted,
  parkTimeout,
  fallback,
  skipValue,
}: Sequence): RecoveryPlan {
  const lastAt = steps.findIndex(({ strategy }) => strategy === 'FAIL_FAST' || strategy === 'SKIP');
  const reached = lastAt < 0 ? steps : steps.slice(0, lastAt + 1);
  const phases = reached.flatMap((step) => phaseOf(step, limits));
  const skips = reached.at(-1)?.strategy === 'SKIP';
  const fallsBack = steps.some(({ strategy }) => strategy === 'FALLBACK') || onExhausted === 'fallback';
  return {
    phases,
    maxRetries: phases.reduce((sum, { retries }) => sum + retries, 0),
    guarded: steps.some(({ strategy }) => strategy === 'CIRCUIT_BREAKER'),
    ends: [
      ...(fallsBack ? [{ action: 'fallback' as const, answer: fallback }] : []),
      lastEnd(skips ? 'skip' : onExhausted, skipValue, parkTimeout),
    ],
  };
}

function lastEnd(
  onExhausted: OnExhausted,
  skipValue: Answer | undefined,
  parkTimeout: number | undefined,
): End {
  switch (onExhausted) {
    case 'skip':
      return { action: 'skip', answer: skipValue };
    case 'fail':
      return { action: 'fail' };
    case 'park':
      return { action: 'park', timeout: parkTimeout };
    // A fallback that fails, or is not there, must not lose the work.
    case 'fallback':
    case 'deadLetter':
      return { action: 'deadLetter' };
  }
}

function phaseOf(step: Step, limits: Required<RetryLimits>): Phase[] {
  const exponential = step.strategy === RecoveryStrategy.EXPONENTIAL_BACKOFF;
  if (!exponential && step.strategy !== RecoveryStrategy.RETRY) return [];
  const { maxRetries, retryDelay, backoffFactor, maxRetryDelay, jitter } = { ...limits, ...step };
  return [
    {
      retries: maxRetries,
      delay: retryDelay,
      factor: exponential ? backoffFactor : 1,
      cap: maxRetryDelay,
      jitter,
    },
  ];
}

/**
 * The wait before the retry that follows attempt `attempts`; undefined when no retry is left.
 * @param random in [0, 1)
 */
export function delayAfter(plan: RecoveryPlan, attempts: number, random: number): number | undefined {
  let before = 0;
  for (const phase of plan.phases) {
    if (attempts <= before + phase.retries) return intervalOf(phase, attempts - before, random);
    before += phase.retries;
  }
  return undefined;
}

function intervalOf({ delay, factor, cap, jitter }: Phase, retry: number, random: number): number {
  // A power beyond the range of numbers is Infinity; times a delay of 0 it would be NaN.
  const interval = delay === 0 ? 0 : Math.min(delay * factor ** (retry - 1), cap);
  switch (jitter) {
    case 'none':
      return interval;
    case 'equal':
      return interval / 2 + (interval / 2) * random;
    case 'full':
      return interval * random;
  }
}
