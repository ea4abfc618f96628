import type { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CIRCUIT_OPEN, DETAIL_KEY } from '../common/contract.js';
import { ApiLinkerError, ErrorCategory, isErrorCategory } from '../common/errors/index.js';
import type {
  Admission,
  BreakerGuard,
  CallEnd,
  CallPermit,
  GuardedCall,
  Settlement,
} from './breaker-guard.js';
import { failureDetail } from './failed-attempt.js';
import type { HeartbeatLedger } from './heartbeat-ledger.js';

/** A trial is given back if the attempt that has it does not answer: a moment after the server gave it up. */
const LEASE_MARGIN_MS = 5_000;

/** One attempt behind a circuit breaker. */
export class GuardedAttempt {
  private permit: CallPermit | undefined;
  private startedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: Context,
    private readonly guard: BreakerGuard,
    private readonly call: GuardedCall,
  ) {}

  static of(
    context: Context,
    guard: BreakerGuard | undefined,
    breaker: string | undefined,
    isHeld: boolean,
  ): GuardedAttempt | undefined {
    const { workflowExecution, activityId, taskQueue, startToCloseTimeoutMs } = context.info;
    if (guard === undefined || breaker === undefined) return undefined;
    return new GuardedAttempt(context, guard, {
      breaker,
      taskQueue,
      executionId: `${workflowExecution?.workflowId}/${workflowExecution?.runId}/${activityId}`,
      isHeld,
      leaseMs: startToCloseTimeoutMs > 0 ? startToCloseTimeoutMs + LEASE_MARGIN_MS : undefined,
    });
  }

  get breaker(): string {
    return this.call.breaker;
  }

  admit(): Admission | Promise<Admission> {
    return this.guard.admit(this.call);
  }

  /** From now on the attempt counts. One that exceeds its start-to-close time-out counts though it never returns. */
  begin(permit: CallPermit, now: number): void {
    this.permit = permit;
    this.startedAt = now;
    const { startToCloseTimeoutMs } = this.context.info;
    if (startToCloseTimeoutMs <= 0) return;
    this.timer = setTimeout(() => this.end(TIMED_OUT), startToCloseTimeoutMs);
    this.timer.unref();
  }

  /** Counts the end, once; undefined where it was not admitted by the breaker, or has ended already. */
  end(end: CallEnd, now = Date.now()): Settlement | undefined {
    const { permit } = this;
    if (permit === undefined) return undefined;
    this.permit = undefined;
    clearTimeout(this.timer);
    return this.guard.settle(this.call, permit, { durationMs: now - this.startedAt, ...end });
  }
}

const TIMED_OUT: CallEnd = {
  outcome: 'failure',
  category: ErrorCategory.TIMEOUT,
  message: 'The attempt exceeded its start-to-close time-out',
};

export const TIMED_OUT_BY_HEARTBEAT: CallEnd = {
  outcome: 'failure',
  category: ErrorCategory.TIMEOUT,
  message: 'The attempt exceeded its heartbeat time-out',
};

/**
 * The failure of an attempt that was turned away. Of category BENIGN, so that it floods neither log nor metrics; its
 * message is what the UI shows at the pending activity.
 * @param gaveUp the call ends here
 */
export function turnedAway(
  context: Context,
  breaker: string,
  { status, retryInMs }: Extract<Admission, { admitted: false }>,
  { ledger }: HeartbeatLedger,
  now: number,
  gaveUp: string | undefined,
): ApplicationFailure {
  const words = WORDS[status] ?? 'is open';
  const next = gaveUp ?? `tried again at ${new Date(now + retryInMs).toISOString()}`;
  const message = `Circuit breaker "${breaker}" ${words}: not called, ${next}`;
  const last = ledger.attempts.at(-1);
  const error = new ApiLinkerError(
    last === undefined ? message : `${message}; before that: ${last.message}`,
    {
      errorCategory: isErrorCategory(last?.category) ? last.category : ErrorCategory.SERVER,
      statusCode: last?.status,
      timestamp: new Date(now).toISOString(),
      errorType: CIRCUIT_OPEN,
      additionalContext: { circuitBreaker: breaker },
    },
  );
  const counted = context.info.attempt - 1 - (ledger.notCounted ?? 0);
  const detail = { ...failureDetail(context, error, counted, ledger.attempts), held: { breaker } };
  return ApplicationFailure.create({
    message,
    type: CIRCUIT_OPEN,
    nonRetryable: gaveUp !== undefined,
    nextRetryDelay: retryInMs,
    category: ApplicationFailureCategory.BENIGN,
    details: [{ [DETAIL_KEY]: detail }],
  });
}

const WORDS: Partial<Record<string, string>> = {
  OPEN: 'is open',
  HALF_OPEN: 'is half-open and tries with other calls first',
  FORCED_OPEN: 'is forced open',
};
