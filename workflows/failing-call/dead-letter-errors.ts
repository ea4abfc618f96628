import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { DETAIL_KEY } from '../../common/contract.js';

/** How a dead letter a workflow waited for was closed without an answer. */
export interface ClosedLetter {
  /** Workflow id of the letter. */
  readonly deadLetterId: string;
  /** Who closed it; absent where it expired. */
  readonly by?: string;
  /** Why, where a reason was given. */
  readonly reason?: string;
}

/** Types of the failure that is the cause of the `ActivityFailure`. */
export const DEAD_LETTER_DISCARDED = 'DeadLetterDiscardedError';
export const DEAD_LETTER_EXPIRED = 'DeadLetterExpiredError';

/** Cause of the failure of a parked call whose letter was closed without an answer; behind it the original failure. */
export function closedLetterFailure(
  type: typeof DEAD_LETTER_DISCARDED | typeof DEAD_LETTER_EXPIRED,
  closed: ClosedLetter,
  original: Error | undefined,
): ApplicationFailure {
  const { by, reason } = closed;
  const message =
    type === DEAD_LETTER_EXPIRED
      ? 'The dead letter expired before anybody cared for it'
      : `The dead letter was discarded${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : `: ${reason}`}`;
  const detail = { [DETAIL_KEY]: { v: 1, ...closed } };
  return ApplicationFailure.create({ message, type, nonRetryable: true, details: [detail], cause: original });
}

/** Who discarded the dead letter a workflow waited for, and why; undefined for any other error. */
export function deadLetterDiscarded(error: unknown): ClosedLetter | undefined {
  return closedBy(error, DEAD_LETTER_DISCARDED);
}

/** The dead letter a workflow waited for, if it expired; undefined for any other error. */
export function deadLetterExpired(error: unknown): ClosedLetter | undefined {
  return closedBy(error, DEAD_LETTER_EXPIRED);
}

function closedBy(error: unknown, type: string): ClosedLetter | undefined {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  if (!(failure instanceof ApplicationFailure) || failure.type !== type) return undefined;
  const detail = failure.details?.[0] as Record<string, ClosedLetter> | undefined;
  return detail?.[DETAIL_KEY];
}
