import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { CIRCUIT_OPEN } from '../../common/contract.js';
import type { DeadLetterRecord, StoryEntry } from '../../common/dead-letter/record.js';
import { ApiLinkerError } from '../../common/errors/index.js';
import { findFailureDetail } from '../../common/failing-call/read-detail.js';

/** The circuit breaker that turned a replay away, where that is why it failed. */
export function openBreakerOf(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== CIRCUIT_OPEN) return undefined;
  return findFailureDetail(cause.details)?.held?.breaker ?? 'unknown';
}

type FailureStory = Pick<StoryEntry, 'category' | 'status' | 'message'>;

/** What a failed replay adds to the story. */
export function describeReplayFailure(
  error: unknown,
  record: DeadLetterRecord,
  timestamp: string,
): FailureStory {
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') {
    const { taskQueue } = record.call;
    const seconds = Math.round(record.replay.scheduleToStartTimeoutMs / 1000);
    return {
      category: 'TIMEOUT',
      message: `No worker took the activity from task queue "${taskQueue}" within ${seconds} s. Is a worker running there?`,
    };
  }
  if (cause instanceof ApplicationFailure) {
    const detail = findFailureDetail(cause.details);
    if (detail !== undefined) {
      const { errorCategory, statusCode, message } = detail.error;
      return { category: errorCategory, status: statusCode, message };
    }
    if (/not registered/i.test(cause.message)) {
      return {
        category: 'PLUGIN',
        message: `No worker on task queue "${record.call.taskQueue}" knows activity type "${record.activityType}" any more. Deploy one that does, then replay.`,
      };
    }
  }
  const { errorCategory, statusCode, message } = ApiLinkerError.fromException(cause, { timestamp });
  return { category: errorCategory, status: statusCode, message };
}
