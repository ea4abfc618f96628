import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CIRCUIT_OPEN } from '../../common/contract.js';
import type { CallHeader } from '../../common/failing-call/call-header.js';

/**
 * Versions before 0.5.0 held letters without a request to replay them, and ran them when their circuit breaker closed:
 * work that a workflow had compensated since was done again. Their calls may still be pending.
 * @throws ApplicationFailure that is not retried: the letter then needs a decision
 */
export function refuseUnasked(header: CallHeader | undefined): void {
  if (header?.breaker !== 'wait' || header.asked === true) return;
  throw ApplicationFailure.create({
    message: 'not replayed: no caller waits for this call and no replay was requested',
    type: CIRCUIT_OPEN,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}
