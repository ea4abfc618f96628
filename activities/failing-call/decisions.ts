import {
  type ApiLinkerError,
  ErrorCategory,
  isErrorCategory,
  isToldToComeBack,
  retryAfterMs,
} from '../../common/errors/index.js';
import { type AskedWait, throttleOf } from '../../common/errors/throttle.js';
import { addSpared, addThrottled, timeInLedger } from '../../common/failing-call/attempt-ledger.js';
import {
  decideRetry,
  defaultPatience,
  type RetryDecision,
  speaksOfService,
} from '../../common/strategies/index.js';
import type { RecoverySettings } from '../settings.js';
import type { Attempt } from './attempt.js';
import {
  type Admission,
  type CallEnd,
  FLOODED,
  LIMITED,
  type Settlement,
  THROTTLED,
} from './breaker-guard.js';
import { describeThrottled, describeWait, nextTry, patienceOf } from './waiting.js';

/** What follows a failed attempt. */
export interface Outcome {
  /** Undefined where no attempt follows. */
  readonly retry?: { readonly delayMs: number | undefined };
  readonly ledger: Attempt['ledger'];
  readonly waits?: string;
  /** Set where no attempt follows because there is no time: milliseconds until the end of it, and more. */
  readonly tooLateMs?: number;
}

type Rejected = Extract<Admission, { admitted: false }>;

/** A call that is rejected ends here. */
export interface GivenUp {
  readonly why: string;
  /** Set where the server ends it, because there is no time: milliseconds until the end of it, and more. */
  readonly tooLateMs?: number;
}

const WAITED: GivenUp = { why: 'and it has waited long enough' };

/** A call with schedule-to-close is tried once more this long before that time; a rejected one after half of what is left, if that is later. */
const LAST_CHANCE_MS = 2_000;
/** No last try is planned sooner than this. */
const LEAST_PAUSE_MS = 1_000;

/** Clocks of worker and server differ. */
const TOO_LATE_MS = 60_000;

/** A call that its caller limits waits for its breaker at least this time, from its first failure on. */
const SHORT_OUTAGE_MS = 10_000;

/** What follows an attempt, by the rules of the worker, the policy of the call and the state of its circuit breaker. */
export class Decisions {
  constructor(private readonly settings: RecoverySettings) {}

  decide(error: unknown, classified: ApiLinkerError, attempt: Attempt, now: number): RetryDecision {
    const { errorCategory: category } = classified;
    const { header, call } = attempt;
    if (attempt.isVerdict(error)) return { retry: false, because: 'non-retryable' };
    if (attempt.isLast) return { retry: false, because: 'limit' };
    if (this.hasNoEnd(attempt, category)) return { retry: true };
    const { rulebook, retryAfterCapMs } = this.settings;
    const throttled = this.throttled(error, classified, attempt, now);
    if (throttled !== undefined) return throttled;
    // A service that says when to come back is retried then, in every category, unless a rule for this call says otherwise.
    const comesBack = isToldToComeBack(error) && !rulebook.setsAttempts(call, category);
    const plan = rulebook.plan(call, category);
    return decideRetry({
      attempts: attempt.counted,
      now,
      plan: comesBack && plan.maxRetries === 0 ? rulebook.plan(call, ErrorCategory.RATE_LIMIT) : plan,
      retryAfterMs: retryAfterMs(error, now),
      retryAfterCapMs,
      callSetsIntervals: header?.ownIntervals === true && !rulebook.setsIntervals(call, category),
      scheduleToCloseAt: attempt.scheduleToCloseAt,
      random: Math.random(),
    });
  }

  /**
   * A quota that is used up is a wait and no failure: the attempt is not counted, until the patience of the call is over.
   * Undefined where the error is not such, and where the call has no patience: then it counts.
   */
  private throttled(
    error: unknown,
    classified: ApiLinkerError,
    attempt: Attempt,
    now: number,
  ): RetryDecision | undefined {
    const asked = this.askedWait(error, classified, attempt, now);
    // Nothing survives from one attempt of a local activity to the next.
    if (asked === undefined || attempt.context.info.isLocal) return undefined;
    const patienceMs = this.quotaPatience(attempt);
    if (patienceMs <= 0) return undefined;
    const throttledSince = throttledSinceOf(attempt) ?? now;
    if (now - throttledSince >= patienceMs) return { retry: false, because: 'waited' };
    const { scheduleToCloseAt } = attempt;
    const delayMs = lastChance(asked.waitMs, scheduleToCloseAt, now);
    if (scheduleToCloseAt !== undefined && now + delayMs >= scheduleToCloseAt)
      return { retry: false, because: 'no time left' };
    return { retry: true, delayMs, throttledSince };
  }

  /**
   * What the service asks for, at most what is configured. Undefined for other errors, and where strategies say that these
   * count for the circuit breaker.
   */
  private askedWait(
    error: unknown,
    classified: ApiLinkerError,
    { call }: Attempt,
    now: number,
  ): AskedWait | undefined {
    const asked = throttleOf(error, classified, now);
    if (asked !== undefined && this.settings.rulebook.plan(call, classified.errorCategory).guarded)
      return undefined;
    return asked && { ...asked, waitMs: Math.min(asked.waitMs, this.settings.retryAfterCapMs) };
  }

  private quotaPatience({ call, isReplay }: Attempt): number {
    const { RATE_LIMIT } = ErrorCategory;
    return patienceOf(this.settings.rulebook.plan(call, RATE_LIMIT), RATE_LIMIT, 429, isReplay);
  }

  /** The caller's policy is law, where no rule for this very call or operation says how often to try. */
  hasNoEnd(attempt: Attempt, category: ErrorCategory): boolean {
    return attempt.hasNoEnd && !this.settings.rulebook.setsAttempts(attempt.call, category);
  }

  /**
   * Milliseconds until a call is made though its breaker is open. Undefined: it waits as long as that is. A call that may be made
   * once loses nothing by it.
   */
  passesInMs(attempt: Attempt): number | undefined {
    if (!isLimited(attempt)) return undefined;
    if (attempt.isFresh) return attempt.context.info.retryPolicy?.maximumAttempts === 1 ? 0 : undefined;
    return this.waitsAtMost(attempt, lastFailureOf(attempt.ledger), attempt.startedAt);
  }

  /**
   * How long a call that its caller limits waits for its breaker, from its first failure on. It waits through an outage, but only
   * a moment if the record itself may be the cause: a batch of such records must end.
   */
  private waitsAtMost(attempt: Attempt, { category, status }: Failure, now: number): number {
    if (!isLimited(attempt)) return Number.POSITIVE_INFINITY;
    const { patience } = this.settings.rulebook.plan(attempt.call, category);
    const outage = speaksOfService(category, status) ? defaultPatience(category, status) : 0;
    return (attempt.failingSince ?? now) + Math.max(patience ?? outage, SHORT_OUTAGE_MS) - now;
  }

  /** An outage waits: attempts that are used up end a call only where it alone fails, or has waited long enough. */
  outcomeOf(
    decision: RetryDecision,
    attempt: Attempt,
    { errorCategory, statusCode }: ApiLinkerError,
    settlement: Settlement | undefined,
    now: number,
  ): Outcome {
    const { ledger, scheduleToCloseAt, header } = attempt;
    if (decision.retry) {
      const { throttledSince } = decision;
      if (throttledSince !== undefined) {
        const patienceMs = this.quotaPatience(attempt);
        const delayMs = beforeTheEnd(settlement?.turnInMs ?? 0, decision.delayMs, scheduleToCloseAt, now);
        return {
          ledger: addThrottled(addSpared(ledger), throttledSince),
          retry: { delayMs },
          waits: describeThrottled(throttledSince, patienceMs, now + (delayMs ?? 0)),
        };
      }
      const longest = this.waitsAtMost(attempt, { category: errorCategory, status: statusCode }, now);
      return {
        ledger,
        retry: { delayMs: afterOpening(decision.delayMs, settlement, longest, scheduleToCloseAt, now) },
      };
    }
    const { isLocal } = attempt.context.info;
    const waits = decision.because === 'used up' && header !== undefined && !isLocal;
    const wait = waits
      ? this.wait(attempt, errorCategory, statusCode, settlement?.openForMs, now)
      : undefined;
    const tooLate = scheduleToCloseAt === undefined ? {} : { tooLateMs: tooLateMs(scheduleToCloseAt, now) };
    if (wait === undefined) return { ledger, ...(decision.because === 'no time left' ? tooLate : {}) };
    const left = (scheduleToCloseAt ?? Number.POSITIVE_INFINITY) - now - LAST_CHANCE_MS;
    if (left <= 0) return { ledger, ...tooLate };
    const { patienceMs } = wait;
    const delayMs = Math.min(wait.delayMs, left);
    return {
      ledger: wait.ledger,
      retry: { delayMs },
      waits: wait.isWaiting ? describeWait(wait.ledger, patienceMs, attempt.guarded?.breaker) : undefined,
    };
  }

  wait(
    { ledger, call, guarded, startedAt, sinceScheduledMs, isReplay, context, failingSince }: Attempt,
    category: ErrorCategory,
    status: number | undefined,
    openForMs: number | undefined,
    now = startedAt,
  ) {
    const plan = this.settings.rulebook.plan(call, category);
    const patienceMs = patienceOf(plan, category, status, isReplay);
    const next = nextTry({
      ...{ ledger, now, startedAt, sinceScheduledMs, patienceMs, plan, openForMs },
      failingSince,
      othersAreWellSince: (then) => guarded?.othersAreWellSince(then) ?? false,
      attempt: context.info.attempt,
      paceMs: guarded === undefined ? undefined : (failed) => guarded.paceMs(failed),
    });
    return next === undefined ? undefined : { ...next, patienceMs };
  }

  endOf(error: unknown, classified: ApiLinkerError, attempt: Attempt, now: number): CallEnd {
    const { errorCategory: category, statusCode, message } = classified;
    // A verdict speaks of the record and not of the service; so does what a poll throws while it has no result.
    const isPoll = this.hasNoEnd(attempt, category) && category === ErrorCategory.UNKNOWN;
    if (isPoll || attempt.isVerdict(error)) return { outcome: 'ignored' };
    // A limit that says when it ends is no outage.
    const asked = this.askedWait(error, classified, attempt, now);
    if (asked !== undefined) return { outcome: 'ignored', asked, message, calls: attempt.calls };
    return {
      ...{ outcome: 'failure', category, statusCode, message },
      counts: this.settings.rulebook.plan(attempt.call, category).guarded,
      retryAfterMs: retryAfterMs(error, now),
    };
  }

  /** Whether a call that is rejected ends here. */
  givesUp(attempt: Attempt, rejected: Pick<Rejected, 'retryInMs' | 'status'>): GivenUp | undefined {
    const { header, scheduleToCloseAt, startedAt, ledger, isReplay, call, sinceScheduledMs } = attempt;
    if (header === undefined) return undefined;
    const isLimited = rejected.status === LIMITED;
    if (!isLimited && isReplay && header.breaker === undefined)
      return { why: 'its dead letter waits for it' };
    if (scheduleToCloseAt !== undefined && startedAt + rejected.retryInMs >= scheduleToCloseAt) {
      return {
        why: 'and no time is left to wait for it',
        tooLateMs: tooLateMs(scheduleToCloseAt, startedAt),
      };
    }
    // Its turn comes, however long the line is.
    if (isLimited) return undefined;
    if (rejected.status === THROTTLED) {
      const patienceMs = this.quotaPatience(attempt);
      const since = throttledSinceOf(attempt) ?? startedAt;
      return patienceMs > 0 && startedAt - since >= patienceMs ? WAITED : undefined;
    }
    // After its patience the guard lets it pass.
    if (rejected.status === FLOODED) return undefined;
    const usedUpAt = timeInLedger(ledger.usedUpAt, startedAt, sinceScheduledMs);
    if (usedUpAt === undefined) return undefined;
    const { category, status } = lastFailureOf(ledger);
    const patienceMs = patienceOf(this.settings.rulebook.plan(call, category), category, status, isReplay);
    return startedAt - usedUpAt >= patienceMs ? WAITED : undefined;
  }

  describeWait({ ledger, call, isReplay, guarded }: Attempt): string | undefined {
    const { category, status } = lastFailureOf(ledger);
    const patienceMs = patienceOf(this.settings.rulebook.plan(call, category), category, status, isReplay);
    return describeWait(ledger, patienceMs, guarded?.breaker);
  }
}

/** A wait with which the server ends the call by schedule-to-close, as it would without us. */
function tooLateMs(scheduleToCloseAt: number, now: number): number {
  return Math.max(0, scheduleToCloseAt - now) + TOO_LATE_MS;
}

/** Schedule-to-close ends a call when it says: not before, because the breaker is open for longer. */
export function withLastChance({ scheduleToCloseAt, startedAt }: Attempt, admission: Rejected): Rejected {
  return { ...admission, retryInMs: lastChance(admission.retryInMs, scheduleToCloseAt, startedAt) };
}

/** A service may state a longer wait than it means: a call whose time ends before is tried once more, shortly before that. */
function lastChance(delayMs: number, scheduleToCloseAt: number | undefined, now: number): number {
  const left = (scheduleToCloseAt ?? Number.POSITIVE_INFINITY) - now;
  const lastMs = Math.max(left / 2, left - LAST_CHANCE_MS);
  return lastMs > LEAST_PAUSE_MS ? Math.min(delayMs, lastMs) : delayMs;
}

/** Not before the breaker lets calls pass, as long as there is time for that. */
function afterOpening(
  delayMs: number | undefined,
  settlement: Settlement | undefined,
  longestMs: number,
  scheduleToCloseAt: number | undefined,
  now: number,
): number | undefined {
  if (settlement?.openForMs === undefined || !settlement.counted) return delayMs;
  return beforeTheEnd(Math.min(settlement.openForMs, longestMs), delayMs, scheduleToCloseAt, now);
}

function beforeTheEnd(
  atLeastMs: number,
  delayMs: number | undefined,
  scheduleToCloseAt: number | undefined,
  now: number,
): number | undefined {
  const waited = Math.max(atLeastMs, delayMs ?? 0);
  return scheduleToCloseAt !== undefined && now + waited >= scheduleToCloseAt ? delayMs : waited;
}

/** Since when a call waits for its quota. Where its ledger was lost, since it first failed: it has to end. */
export function throttledSinceOf({
  ledger,
  startedAt,
  sinceScheduledMs,
  failingSince,
}: Attempt): number | undefined {
  const known = timeInLedger(ledger.throttledSince, startedAt, sinceScheduledMs);
  return known ?? (ledger.attempts.length === 0 ? failingSince : undefined);
}

interface Failure {
  readonly category: ErrorCategory;
  readonly status?: number | undefined;
}

/** A replay waits for its breaker in any case. */
function isLimited({ isReplay, hasLimit }: Attempt): boolean {
  return !isReplay && hasLimit;
}

function lastFailureOf({ attempts }: Attempt['ledger']): Failure {
  const last = attempts.at(-1);
  return isErrorCategory(last?.category)
    ? { category: last.category, status: last.status }
    : { category: ErrorCategory.TIMEOUT };
}
