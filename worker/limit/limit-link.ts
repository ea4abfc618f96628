import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@temporalio/client';
import { askForLease, type NewLimit, setLimit } from '../../client/limit/entity.js';
import { withLimit } from '../../client/server/with-limit.js';
import type { LeaseAnswer, LeaseRequest } from '../../common/limit/messages.js';
import type { SetLimitOrder } from '../../common/limit/orders.js';

const ANSWER_MS = 5_000;

/** What a worker's limits need of the server. */
export class LimitLink {
  /** Requests of an activity end with it; those made here belong to the worker. */
  private readonly outsideOfActivities = AsyncLocalStorage.snapshot();

  constructor(
    private readonly client: Client,
    private readonly taskQueue: string,
  ) {}

  /** @throws where there is no answer in time */
  ask(limit: NewLimit, request: LeaseRequest, updateId: string): Promise<LeaseAnswer> {
    return this.outsideOfActivities(() =>
      withLimit(this.client, { limitMs: ANSWER_MS }, () =>
        askForLease(this.client, this.taskQueue, limit, request, updateId),
      ),
    );
  }

  /** Passes on what the service states. */
  state(limit: NewLimit, order: SetLimitOrder): Promise<void> {
    return this.outsideOfActivities(() =>
      withLimit(this.client, { limitMs: ANSWER_MS }, () =>
        setLimit(this.client, this.taskQueue, limit, order),
      ),
    );
  }
}
