import type { Client } from '@temporalio/client';
import {
  type AskedErrors,
  type ErrorCount,
  type ErrorFilter,
  type FleetErrorSummary,
  readErrorQuery,
  type TopErrorsQuery,
} from '../../common/error-analytics/error-query.js';
import { analyticsWorkflowId } from '../../common/error-analytics/messages.js';
import { InvalidRequestError } from '../errors.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import { readAnalyticsMemo } from './entity.js';

/**
 * Errors of attempts of all workers that share a recovery task queue, also of those that were retried with success. All answers
 * are undefined where no worker has reported an error for a week. A recovery worker must run.
 */
export interface FleetErrorsClient {
  /** Counts by category, operation, host and cause. Window: 1 hour unless given. @throws InvalidRequestError */
  summary(filter?: ErrorFilter): Promise<FleetErrorSummary | undefined>;
  /** Errors a minute. Window: 5 minutes unless given. @throws InvalidRequestError */
  errorRate(filter?: ErrorFilter): Promise<number | undefined>;
  /** The most frequent first. Window: 1 hour unless given. @throws InvalidRequestError */
  topErrors(query?: TopErrorsQuery): Promise<ErrorCount[] | undefined>;
}

const ANSWER_MS = 10_000;

/** @param taskQueue of the recovery worker */
export function fleetErrors(client: Client, taskQueue: string): FleetErrorsClient {
  const ask = async <T>(query: string, given: TopErrorsQuery): Promise<T | undefined> => {
    try {
      readErrorQuery(given, 0);
    } catch (error) {
      throw new InvalidRequestError((error as Error).message);
    }
    if ((await readAnalyticsMemo(client, taskQueue)) === undefined) return undefined;
    const { connection, workflow } = recoveryDataClient(client);
    const asked: AskedErrors = { ...given, now: Date.now() };
    return connection.withDeadline(Date.now() + ANSWER_MS, () =>
      workflow.getHandle(analyticsWorkflowId(taskQueue)).query<T, [AskedErrors]>(query, asked),
    );
  };
  return {
    summary: (filter = {}) => ask('summary', filter),
    errorRate: (filter = {}) => ask('errorRate', filter),
    topErrors: (query = {}) => ask('topErrors', query),
  };
}
