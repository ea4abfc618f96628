import type { Client } from '@temporalio/client';
import { show } from '../../common/text/show.js';
import { InvalidRequestError } from '../errors.js';

/** The server's own limits of the activity tasks of a task queue. What is left out stays as it is. */
export interface QueueLimitRequest {
  /** Name of the task queue. */
  readonly taskQueue: string;
  /** Activity tasks that the server hands out each second, for all workers; `false` removes the limit. */
  readonly tasksPerSecond?: number | false;
  /** The same for each fairness key of the calls (`priority.fairnessKey`); `false` removes the limit. */
  readonly tasksPerSecondOfEachKey?: number | false;
  /** Weights of fairness keys: a key of weight 2 gets twice as many tasks as one of 1; `false` removes the weight. */
  readonly weights?: Readonly<Record<string, number | false>>;
  /** Why; the server keeps it. */
  readonly reason?: string;
}

const ACTIVITY_QUEUE = 2;
const MAX_RATE = 1_000_000;
const [LEAST_WEIGHT, MOST_WEIGHT] = [0.001, 1_000];

/** @throws InvalidRequestError */
export async function setQueueLimit(client: Client, request: QueueLimitRequest): Promise<void> {
  const { taskQueue, tasksPerSecond, tasksPerSecondOfEachKey, weights = {}, reason } = request ?? {};
  if (typeof taskQueue !== 'string' || taskQueue === '')
    throw new InvalidRequestError(`setQueueLimit: taskQueue must be a name; got ${show(taskQueue)}`);
  const weighed = Object.entries(weights);
  for (const [key, weight] of weighed) {
    const fits =
      weight === false || (Number.isFinite(weight) && weight >= LEAST_WEIGHT && weight <= MOST_WEIGHT);
    if (!fits) {
      throw new InvalidRequestError(
        `setQueueLimit: weights.${key} must be a number from ${LEAST_WEIGHT} to ${MOST_WEIGHT}, or false; got ${show(weight)}`,
      );
    }
  }
  const updates = {
    ...rateUpdate('updateQueueRateLimit', 'tasksPerSecond', tasksPerSecond, reason),
    ...rateUpdate(
      'updateFairnessKeyRateLimitDefault',
      'tasksPerSecondOfEachKey',
      tasksPerSecondOfEachKey,
      reason,
    ),
  };
  if (Object.keys(updates).length === 0 && weighed.length === 0) {
    throw new InvalidRequestError(
      'setQueueLimit: give at least one of tasksPerSecond, tasksPerSecondOfEachKey, weights',
    );
  }
  await client.workflowService.updateTaskQueueConfig({
    namespace: client.options.namespace,
    identity: client.options.identity,
    ...{ taskQueue, taskQueueType: ACTIVITY_QUEUE },
    ...updates,
    setFairnessWeightOverrides: Object.fromEntries(
      weighed.filter(([, weight]) => weight !== false),
    ) as Record<string, number>,
    unsetFairnessWeightOverrides: weighed.flatMap(([key, weight]) => (weight === false ? [key] : [])),
  });
}

function rateUpdate(
  field: string,
  option: string,
  rate: number | false | undefined,
  reason: string | undefined,
) {
  if (rate === undefined) return {};
  if (rate === false) return { [field]: { reason: reason ?? '' } };
  if (typeof rate === 'number' && rate >= 0 && rate <= MAX_RATE)
    return { [field]: { rateLimit: { requestsPerSecond: rate }, reason: reason ?? '' } };
  throw new InvalidRequestError(
    `setQueueLimit: ${option} must be a number from 0 to ${MAX_RATE}, or false; got ${show(rate)}`,
  );
}
