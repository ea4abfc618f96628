import type { Client } from '@temporalio/client';
import type { ErrorAnalyticsOptions } from '../common/error-analytics/error-analytics.js';
import { ErrorAnalytics } from '../worker/error-analytics/error-analytics.js';
import { DeadLetterQueue, type DeadLetterQueueOptions } from './dead-letter-queue.js';
import { ErrorRecoveryManager } from './error-recovery-manager.js';
import type { ErrorRecoveryManagerOptions } from './types.js';

/** Options of the queue, and of the manager and the analytics that belong to it. */
export interface ErrorHandlerOptions extends DeadLetterQueueOptions {
  /** Options of the manager, without its queue and analytics, which are those of the handler. */
  readonly manager?: Omit<ErrorRecoveryManagerOptions, 'dlq' | 'analytics'>;
  /** Options of the analytics. @default 1,000 errors are kept, by the clock of the process */
  readonly analytics?: Partial<ErrorAnalyticsOptions>;
}

/** What `createErrorHandler` returns: three parts that work together, each of use alone. */
export interface ErrorHandler {
  /** Keeps the work that the manager could not do. */
  readonly deadLetterQueue: DeadLetterQueue;
  /** Retries failed work, and writes to the queue what still fails. */
  readonly errorRecoveryManager: ErrorRecoveryManager;
  /** Counts every error that the manager sees, in this process. */
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
