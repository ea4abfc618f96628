import { searchAttributeCommand } from '../common/contract.js';
import type { DeadLetterStatus } from '../common/dead-letter/record.js';
import { shortLetterId } from '../common/dead-letter/short-id.js';
import { RESTORABLE_STATUSES } from '../common/dead-letter/status.js';
import { oneLine } from '../common/text/text.js';

/** No dead letter has this id (any more: final letters leave with the namespace's retention). */
export class DeadLetterNotFoundError extends Error {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'DeadLetterNotFoundError';
  constructor(
    /** The id that was asked for. */
    readonly id: string,
  ) {
    super(`No dead letter has the id "${id}"`);
  }
}

/** The letter is in a final state and takes no more requests. */
export class DeadLetterClosedError extends Error {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'DeadLetterClosedError';
  constructor(
    /** Workflow id of the letter. */
    readonly id: string,
    /** The final status of the letter; undefined where it is not known. */
    readonly status: DeadLetterStatus | undefined,
  ) {
    super(
      `Dead letter "${id}" is closed${status === undefined ? '' : ` (${status})`}; it accepts no more requests${status !== undefined && RESTORABLE_STATUSES.includes(status) ? ', until it is restored' : ''}`,
    );
  }
}

/** There is neither such a group of dead letters nor a letter of it. */
export class GroupNotFoundError extends Error {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'GroupNotFoundError';
  constructor(
    /** The fingerprint that was asked for. */
    readonly group: string,
    /** The dead-letter queue. */
    readonly queue: string,
  ) {
    super(`Queue "${oneLine(queue)}" has no dead letters of the group "${oneLine(group)}"`);
  }
}

/** A request the letter does not take; nothing has been changed. The message names field, value and fix. */
export class InvalidRequestError extends TypeError {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'InvalidRequestError';
}

/** Several letters have an id with this beginning. The message has one line for each of the first letters, with its short id. */
export class AmbiguousLetterError extends InvalidRequestError {
  constructor(
    prefix: string,
    /** Ids of the first letters found, at most 6. */
    readonly candidates: readonly string[],
  ) {
    const shown = candidates.slice(0, MAX_SHOWN).map((id) => `\n  ${shortLetterId(id)}  ${oneLine(id)}`);
    const more = candidates.length > MAX_SHOWN ? '\n  …' : '';
    super(
      `Several dead letters have an id that begins with "${oneLine(prefix)}". Give a longer beginning, or a short id:${shown.join('')}${more}`,
    );
  }
}

const MAX_SHOWN = 5;

/** Filters need search attributes the namespace does not have. `command` registers them. */
export class SearchAttributesNotRegisteredError extends Error {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'SearchAttributesNotRegisteredError';
  /** Shell command of the `temporal` CLI that registers the missing attributes. */
  readonly command: string;
  constructor(
    /** Namespace that was asked. */
    readonly namespace: string,
    /** Names of the search attributes that the namespace does not have. */
    readonly missing: readonly string[],
  ) {
    const command = searchAttributeCommand(namespace, missing);
    super(
      `Dead letters cannot be listed: namespace "${namespace}" lacks the search attributes ${missing.join(', ')}. Register them with: ${command}`,
    );
    this.command = command;
  }
}

/** There is no circuit breaker with this name. A worker makes it at the first failure of its service. */
export class BreakerNotFoundError extends Error {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'BreakerNotFoundError';
  constructor(
    /** The name that was asked for. */
    readonly breaker: string,
  ) {
    super(`No circuit breaker has the name "${breaker}"`);
  }
}

/** There is no limit with this name. A worker makes it at the first call that has it, and `set` does. */
export class LimitNotFoundError extends Error {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'LimitNotFoundError';
  constructor(
    /** The name that was asked for. */
    readonly limit: string,
  ) {
    super(`No limit has the name "${limit}"`);
  }
}

/** There is no redrive with this id, or it has ended and takes no more orders. */
export class RedriveNotFoundError extends Error {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'RedriveNotFoundError';
  constructor(
    /** The workflow id that was asked for. */
    readonly id: string,
  ) {
    super(`No running redrive has the id "${id}": it does not exist or has ended`);
  }
}
