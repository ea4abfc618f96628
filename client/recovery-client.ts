import type { Client } from '@temporalio/client';
import { BreakerHandle, type Breakers, listBreakers } from './breakers/breakers.js';
import type { DeadLetterFilter } from './dead-letters/filter.js';
import { DeadLetterHandle } from './dead-letters/handle.js';
import {
  countDeadLetters,
  type DeadLetterSummary,
  type ListOptions,
  listDeadLetters,
} from './dead-letters/listing.js';
import { InvalidRequestError } from './errors.js';

export interface RecoveryClientOptions {
  /** A Temporal client, with the data converter of the workers whose activities are recovered. */
  client: Client;
}

/** The dead letters of a namespace. */
export interface DeadLetters {
  /**
   * Newest first; the filter is applied before the limit.
   * @throws InvalidRequestError, SearchAttributesNotRegisteredError
   */
  list(options?: ListOptions): Promise<DeadLetterSummary[]>;
  /** How many match. @throws as `list` */
  count(filter?: DeadLetterFilter): Promise<number>;
  /** A handle; whether the letter exists shows at its first use. */
  get(id: string): DeadLetterHandle;
}

/**
 * Finds and replays dead letters.
 *
 * ```ts
 * const recovery = new RecoveryClient({ client });
 * for (const { id } of await recovery.deadLetters.list({ category: 'SERVER', status: 'WAITING' })) {
 *   await recovery.deadLetters.get(id).replay({ by: 'on-call', reason: 'service is back' });
 * }
 * ```
 */
export class RecoveryClient {
  readonly deadLetters: DeadLetters;
  readonly breakers: Breakers;

  constructor({ client }: RecoveryClientOptions) {
    if (client?.workflow === undefined) {
      throw new InvalidRequestError('RecoveryClient: client must be a Client of @temporalio/client');
    }
    this.deadLetters = {
      list: (options = {}) => listDeadLetters(client, options),
      count: (filter = {}) => countDeadLetters(client, filter),
      get: (id) => {
        if (typeof id !== 'string' || id === '') {
          throw new InvalidRequestError(
            `get: the id must be a string that is not empty; got ${JSON.stringify(id)}`,
          );
        }
        return new DeadLetterHandle(client, id);
      },
    };
    this.breakers = {
      list: (options) => listBreakers(client, options),
      get: (name) => {
        if (typeof name !== 'string' || name === '') {
          throw new InvalidRequestError(
            `get: the name must be a string that is not empty; got ${JSON.stringify(name)}`,
          );
        }
        return new BreakerHandle(client, name);
      },
    };
  }
}
