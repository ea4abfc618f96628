import type { Client } from '@temporalio/client';
import type { ErrorAnalyticsOptions } from '../common/analytics/error-analytics.js';
import { ErrorAnalytics } from '../worker/error-analytics.js';
import { DeadLetterQueue, type DeadLetterQueueOptions } from './dead-letter-queue.js';
import { ErrorRecoveryManager } from './error-recovery-manager.js';
import type { ErrorRecoveryManagerOptions } from './types.js';

export interface ErrorHandlerOptions extends DeadLetterQueueOptions {
  readonly manager?: Omit<ErrorRecoveryManagerOptions, 'dlq' | 'analytics'>;
  readonly analytics?: Partial<ErrorAnalyticsOptions>;
}

export interface ErrorHandler {
  readonly deadLetterQueue: DeadLetterQueue;
  readonly errorRecoveryManager: ErrorRecoveryManager;
  readonly errorAnalytics: ErrorAnalytics;
}

/** The three of APILinker's `create_error_handler`, connected: the manager writes to the queue and is counted. */
export function createErrorHandler(client: Client, options: ErrorHandlerOptions): ErrorHandler {
  const { manager, analytics, ...queue } = options;
  const deadLetterQueue = new DeadLetterQueue(client, queue);
  const errorAnalytics = new ErrorAnalytics(analytics);
  return {
    deadLetterQueue,
    errorAnalytics,
    errorRecoveryManager: new ErrorRecoveryManager({
      ...manager,
      dlq: deadLetterQueue,
      analytics: errorAnalytics,
    }),
  };
}
