import type { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CIRCUIT_OPEN, DETAIL_KEY } from '../../common/contract.js';
import { ApiLinkerError, ErrorCategory, isErrorCategory } from '../../common/errors/index.js';
import { type AttemptLedger, callsOf } from '../../common/failing-call/attempt-ledger.js';
import { describeCause, describeFloodKey } from '../../common/flood/describe.js';
import { beginning, oneLine } from '../../common/text/text.js';
import { type Admission, FLOODED, LIMITED, THROTTLED } from './breaker-guard.js';
import type { GivenUp } from './decisions.js';
import { failureDetail, pendingDetail } from './failed-attempt.js';

type Rejected = Extract<Admission, { admitted: false }>;

interface Rejection {
  readonly breaker: string;
  readonly quotaKey?: string;
  readonly admission: Rejected;
  readonly ledger: AttemptLedger;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Since when and until when a call waits whose attempts are used up. */
  readonly waits?: string;
  /** The call ends here. */
  readonly gaveUp?: GivenUp;
}

/**
 * The failure of an attempt that the circuit breaker rejected. Of category BENIGN, so that it floods neither log nor
 * metrics; its message is what the UI shows at the pending activity.
 */
export function rejectedBy(context: Context, rejection: Rejection): ApplicationFailure {
  const { admission, ledger, now, waits, gaveUp, breaker } = rejection;
  const { status, retryInMs } = admission;
  const message = MESSAGES[status]?.(rejection) ?? rejected(rejection);
  const last = ledger.attempts.at(-1);
  const error = new ApiLinkerError(
    last === undefined ? message : `${message}; before that: ${last.message}`,
    {
      errorCategory: isErrorCategory(last?.category)
        ? last.category
        : (CATEGORIES[status] ?? ErrorCategory.SERVER),
      statusCode: last?.status,
      timestamp: new Date(now).toISOString(),
      errorType: CIRCUIT_OPEN,
      additionalContext: { circuitBreaker: breaker },
    },
  );
  const calls = callsOf(ledger, context.info.attempt) - 1;
  const detail =
    gaveUp === undefined
      ? { ...pendingDetail(error, calls, waits, breaker), rejected: true as const }
      : { ...failureDetail(context, error, calls, ledger.attempts, { breaker }), held: { breaker } };
  return ApplicationFailure.create({
    message,
    type: CIRCUIT_OPEN,
    nonRetryable: gaveUp !== undefined && gaveUp.tooLateMs === undefined,
    nextRetryDelay: gaveUp?.tooLateMs ?? retryInMs,
    category: ApplicationFailureCategory.BENIGN,
    details: [{ [DETAIL_KEY]: detail }],
  });
}

function rejected({ breaker, admission: { status, retryInMs }, now, waits, gaveUp }: Rejection): string {
  const next = gaveUp?.why ?? `tried again at ${new Date(now + retryInMs).toISOString()}`;
  return `Circuit breaker "${breaker}" ${WORDS[status] ?? 'is open'}: not called, ${waits === undefined ? '' : `${waits}; `}${next}`;
}

function limited({ breaker, quotaKey, admission: { limit, retryInMs }, now, gaveUp }: Rejection): string {
  const whose = quotaKey === undefined ? '' : ` for "${beginning(quotaKey, 200)}"`;
  const next = gaveUp?.why ?? `called at ${new Date(now + retryInMs).toISOString()}`;
  return `Limit of "${breaker}"${whose}, ${limit}: not called yet, ${next}`;
}

function throttled({ breaker, quotaKey, admission: { said, retryInMs }, now, gaveUp }: Rejection): string {
  const whose = quotaKey === undefined ? '' : ` for "${beginning(quotaKey, 200)}"`;
  const next = gaveUp?.why ?? `goes on at ${new Date(now + retryInMs).toISOString()}`;
  const words = said === undefined ? '' : `; the service said: ${said}`;
  return `Quota of "${breaker}"${whose} used up: not called, ${next}${words}`;
}

/** The pending activity shows it: what is wrong, and how calls go on. */
function held({ breaker, admission: { held: why, retryInMs }, now, gaveUp }: Rejection): string {
  if (why === undefined) return `Held by the flood guard of "${breaker}": not called`;
  const { flood, sinceMs } = why;
  const next = gaveUp?.why ?? `looks again at ${new Date(now + retryInMs).toISOString()}`;
  const resume = `temporal-recovery breaker resume ${JSON.stringify(breaker)} --operation ${JSON.stringify(flood.operation)}`;
  return oneLine(
    `Flood of dead letters: ${describeCause(flood)}. Calls of ${describeFloodKey(flood)} are held since ` +
      `${new Date(now - sinceMs).toISOString()}: not called, ${next}. Let them go on: ${resume}`,
  );
}

const MESSAGES: Partial<Record<string, (rejection: Rejection) => string>> = {
  [THROTTLED]: throttled,
  [LIMITED]: limited,
  [FLOODED]: held,
};

const CATEGORIES: Partial<Record<string, ErrorCategory>> = {
  [THROTTLED]: ErrorCategory.RATE_LIMIT,
  [LIMITED]: ErrorCategory.RATE_LIMIT,
  [FLOODED]: ErrorCategory.UNKNOWN,
};

const WORDS: Partial<Record<string, string>> = {
  OPEN: 'is open',
  HALF_OPEN: 'is half-open and tries with other calls first',
  FORCED_OPEN: 'is forced open',
};
