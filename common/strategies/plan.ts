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
  /** Milliseconds a call waits for its service after its retries are used up; undefined: as its error says. */
  readonly patience: number | undefined;
  /** The letter of a call that ended in an outage replays by itself. */
  readonly autoRelease: boolean;
  /** Workers in a row that may be lost with an attempt that made no progress. */
  readonly maxWorkerLosses: number;
}

export interface Sequence {
  readonly steps: readonly Step[];
  readonly limits: Required<RetryLimits>;
  readonly onExhausted: OnExhausted;
  readonly patience?: number | false;
  readonly autoRelease?: boolean;
  readonly maxWorkerLosses?: number;
  readonly parkTimeout?: number;
  readonly fallback?: Answer;
  readonly skipValue?: Answer;
}

const MAX_WORKER_LOSSES = 5;

/**
 * Strategies in sequence: their retries add up; FAIL_FAST and SKIP end the sequence; FALLBACK is the last resort
 * wherever it stands. No strategies at all is FAIL_FAST.
 */
export function planOf({
  steps,
  limits,
  onExhausted,
  patience,
  autoRelease = false,
  maxWorkerLosses = MAX_WORKER_LOSSES,
  parkTimeout,
  fallback,
  skipValue,
}: Sequence): RecoveryPlan {
  const lastAt = steps.findIndex(({ strategy }) => strategy === 'FAIL_FAST' || strategy === 'SKIP');
  const reached = lastAt < 0 ? steps : steps.slice(0, lastAt + 1);
  const phases = reached.flatMap((step) => phaseOf(step, limits));
  const skips = reached.at(-1)?.strategy === 'SKIP';
  const fallsBack = steps.some(({ strategy }) => strategy === 'FALLBACK') || onExhausted === 'fallback';
  const last = lastEnd(skips ? 'skip' : onExhausted, skipValue, parkTimeout);
  // Who wants another answer, or the failure, wants it when the retries are used up.
  const endsAtOnce = fallsBack || last.action !== 'deadLetter';
  return {
    phases,
    patience: patience === false ? Number.POSITIVE_INFINITY : (patience ?? (endsAtOnce ? 0 : undefined)),
    ...{ autoRelease, maxWorkerLosses },
    maxRetries: phases.reduce((sum, { retries }) => sum + retries, 0),
    guarded: steps.some(({ strategy }) => strategy === 'CIRCUIT_BREAKER'),
    ends: [...(fallsBack ? [{ action: 'fallback' as const, answer: fallback }] : []), last],
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
