import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { CIRCUIT_OPEN, DETAIL_KEY } from '../../common/contract.js';
import { withCause } from './rebuild-failure.js';
import type { RecoverableInput } from './recoverable-input.js';

type Cancelled = ActivityFailure & { readonly cause: ApplicationFailure };

/**
 * The cancellation came while an attempt was on its way to be rejected. The server makes no other attempt then, and ends the
 * call with the failure of that one.
 */
export function wasCancelledBeforeItsCall(error: unknown): error is Cancelled {
  if (!(error instanceof ActivityFailure) || error.retryState !== 'CANCEL_REQUESTED') return false;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== CIRCUIT_OPEN) return false;
  const last = cause.details?.at(-1) as Record<string, { rejected?: unknown } | undefined> | null | undefined;
  return last?.[DETAIL_KEY]?.rejected === true;
}

/** As a call ends that is cancelled between two attempts. */
export function asCancelled(error: Cancelled, call: RecoverableInput): ActivityFailure {
  return withCause(error, new CancelledFailure(error.cause.message), call);
}
