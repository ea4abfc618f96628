import type { Client } from '@temporalio/client';
import { askForLease, type NewLimit, setLimit } from '../../client/limit/entity.js';
import type { LeaseAnswer, LeaseRequest } from '../../common/limit/messages.js';
import type { SetLimitOrder } from '../../common/limit/orders.js';
import { ServerLink } from '../reporting/server-link.js';

const ANSWER_MS = 5_000;

/** What a worker's limits need of the server. */
export class LimitLink extends ServerLink {
  constructor(
    client: Client,
    private readonly taskQueue: string,
  ) {
    super(client);
  }

  /** @throws where there is no answer in time */
  ask(limit: NewLimit, request: LeaseRequest, updateId: string): Promise<LeaseAnswer> {
    return this.whileOpen(
      () => askForLease(this.client, this.taskQueue, limit, request, updateId),
      ANSWER_MS,
    );
  }

  /** Passes on what the service states. */
  state(limit: NewLimit, order: SetLimitOrder): Promise<void> {
    return this.whileOpen(() => setLimit(this.client, this.taskQueue, limit, order), ANSWER_MS);
  }
}
