import type { DeadLetterState, RequestOutcome } from '../common/dead-letter/record.js';
import { ApiLinkerError, ErrorCategory, isErrorCategory } from '../common/errors/index.js';

/**
 * What a failed retry of an item answers with. The story has the category and the status of the attempt that failed.
 * @param state undefined where it could not be read: then the message is all there is
 */
export function retryError(
  id: string,
  { outcome, message, breaker }: RequestOutcome,
  state: DeadLetterState | undefined,
): ApiLinkerError {
  const failed =
    outcome === 'FAILED' ? state?.story.findLast(({ event }) => event === 'replay-failed') : undefined;
  const circuitBreaker = outcome === 'HELD' ? (breaker ?? state?.breaker) : undefined;
  const category = circuitBreaker === undefined ? failed?.category : ErrorCategory.SERVER;
  return new ApiLinkerError(failed?.message ?? message ?? outcome, {
    errorCategory: isErrorCategory(category) ? category : ErrorCategory.UNKNOWN,
    statusCode: failed?.status,
    correlationId: state?.record.error.correlationId,
    operationId: `dlq_retry_${id}`,
    additionalContext: { dlqId: id, ...(circuitBreaker === undefined ? {} : { circuitBreaker }) },
  });
}
