import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CIRCUIT_OPEN } from '../../common/contract.js';
import type { CallHeader } from '../../common/failing-call/call-header.js';

/**
 * Versions before 0.5.0 held letters nobody had asked to replay, and ran them when their circuit breaker closed: work
 * that a workflow has compensated since was done again. Their calls may be pending still.
 * @throws ApplicationFailure that is not retried: the letter waits for a person then
 */
export function refuseUnasked(header: CallHeader | undefined): void {
  if (header?.breaker !== 'wait' || header.asked === true) return;
  throw ApplicationFailure.create({
    message: 'not replayed by itself: nobody waits for this call and nobody asked for it',
    type: CIRCUIT_OPEN,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}
