import { searchAttributeCommand } from '../common/contract.js';
import type { DeadLetterStatus } from '../common/dead-letter/record.js';
import { RESTORABLE_STATUSES } from '../common/dead-letter/status.js';

/** No dead letter has this id (any more: final letters leave with the namespace's retention). */
export class DeadLetterNotFoundError extends Error {
  override readonly name = 'DeadLetterNotFoundError';
  constructor(readonly id: string) {
    super(`No dead letter has the id "${id}"`);
  }
}

/** The letter is in a final state and takes no more requests. */
export class DeadLetterClosedError extends Error {
  override readonly name = 'DeadLetterClosedError';
  constructor(
    readonly id: string,
    readonly status: DeadLetterStatus | undefined,
  ) {
    super(
      `Dead letter "${id}" is closed${status === undefined ? '' : ` (${status})`}; it accepts no more requests${status !== undefined && RESTORABLE_STATUSES.includes(status) ? ', until it is restored' : ''}`,
    );
  }
}

/** A request the letter does not take; nothing has been changed. The message names field, value and fix. */
export class InvalidRequestError extends TypeError {
  override readonly name = 'InvalidRequestError';
}

/** Filters need search attributes the namespace does not have. `command` registers them. */
export class SearchAttributesNotRegisteredError extends Error {
  override readonly name = 'SearchAttributesNotRegisteredError';
  readonly command: string;
  constructor(
    readonly namespace: string,
    readonly missing: readonly string[],
  ) {
    const command = searchAttributeCommand(namespace, missing);
    super(
      `Dead letters cannot be listed: namespace "${namespace}" lacks the search attributes ${missing.join(', ')}. Register them with: ${command}`,
    );
    this.command = command;
  }
}

/** No circuit breaker of this name runs. It is made when a worker first sees its service fail. */
export class BreakerNotFoundError extends Error {
  override readonly name = 'BreakerNotFoundError';
  constructor(readonly breaker: string) {
    super(`No circuit breaker has the name "${breaker}"`);
  }
}

/** No redrive of this id is there, or, for orders to it, it is over. */
export class RedriveNotFoundError extends Error {
  override readonly name = 'RedriveNotFoundError';
  constructor(readonly id: string) {
    super(`No running redrive has the id "${id}": it does not exist or has ended`);
  }
}
