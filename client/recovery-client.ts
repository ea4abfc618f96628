import type { Client } from '@temporalio/client';
import { DEFAULT_QUEUE, DEFAULT_TASK_QUEUE } from '../common/contract.js';
import { show } from '../common/text/show.js';
import { BreakerHandle, type Breakers, listBreakers } from './circuit-breaker/breakers.js';
import type { DeadLetterFilter } from './dead-letter/filter.js';
import { findDeadLetter } from './dead-letter/find.js';
import { type DeadLetterGroup, type GroupsOptions, groupDeadLetters } from './dead-letter/groups.js';
import { DeadLetterHandle } from './dead-letter/handle.js';
import {
  countDeadLetters,
  type DeadLetterSummary,
  type ListOptions,
  listDeadLetters,
} from './dead-letter/listing.js';
import { type DeadLetterGroups, GroupHandle, listGroups } from './dead-letter-group/groups.js';
import { type FleetErrorsClient, fleetErrors } from './error-analytics/fleet-errors.js';
import { InvalidRequestError } from './errors.js';
import { type Limits, limitsOf } from './limit/limits.js';
import { RedriveHandle } from './redrive/handle.js';
import {
  listRedrives,
  type RedriveSummary,
  type StartRedriveOptions,
  startRedrive,
} from './redrive/redrives.js';
import { type WaitingCalls, waitingCallsOf } from './waiting/waiting-calls.js';

/** What a `RecoveryClient` is made of. */
export interface RecoveryClientOptions {
  /** A Temporal client, with the data converter of the workers whose activities are recovered. */
  client: Client;
  /** Task queue of the recovery worker, which redrives run on. @default 'temporal-recovery' */
  taskQueue?: string;
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
  /**
   * Letters by their cause, the largest groups first; without a `status`, of letters that are open.
   * @throws as `list`
   */
  groups(options?: GroupsOptions): Promise<DeadLetterGroup[]>;
  /**
   * The id of the letter that is named by its id, by how its id begins, or by its short id. For a short id letters are read:
   * the open ones first, the newest first, some seconds for ten thousand, at most 100,000.
   * @throws DeadLetterNotFoundError, AmbiguousLetterError where several begin so, InvalidRequestError
   */
  find(name: string): Promise<string>;
  /** A handle. It makes no request: a letter that does not exist is reported by the first method that is called. */
  get(id: string): DeadLetterHandle;
}

/** Redrives: many letters at once, by a workflow. */
export interface Redrives {
  /**
   * Starts a redrive, which goes on without this process, and returns its handle.
   * @throws InvalidRequestError, SearchAttributesNotRegisteredError
   */
  start(request: StartRedriveOptions): Promise<RedriveHandle>;
  /** A handle. It makes no request: a redrive that does not exist is reported by the first method that is called. */
  get(id: string): RedriveHandle;
  /** The latest first. @param options limit: 20 unless given */
  list(options?: { limit?: number }): Promise<RedriveSummary[]>;
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
  /** Finds, groups, replays, resolves, discards and restores dead letters. */
  readonly deadLetters: DeadLetters;
  /** Groups of dead letters: who looks after a cause, and what is done with its next letters. */
  readonly groups: DeadLetterGroups;
  /** Lists circuit breakers and overrides them. */
  readonly breakers: Breakers;
  /** Lists known limits and changes them. */
  readonly limits: Limits;
  /** Finds calls that wait at the server, and wakes them. */
  readonly waiting: WaitingCalls;
  /** Counts the errors of the fleet. */
  readonly errors: FleetErrorsClient;
  /** Starts redrives, follows them and controls them. */
  readonly redrives: Redrives;

  constructor({ client, taskQueue = DEFAULT_TASK_QUEUE }: RecoveryClientOptions) {
    if (client?.workflow === undefined) {
      throw new InvalidRequestError('RecoveryClient: client must be a Client of @temporalio/client');
    }
    this.deadLetters = {
      list: (options = {}) => listDeadLetters(client, options),
      count: (filter = {}) => countDeadLetters(client, filter),
      groups: (options = {}) => groupDeadLetters(client, options),
      find: (name) => findDeadLetter(client, named('find', 'id', name)),
      get: (id) => new DeadLetterHandle(client, named('get', 'id', id)),
    };
    this.groups = {
      list: (options) => listGroups(client, options),
      get: (group, queue = DEFAULT_QUEUE) =>
        new GroupHandle(client, named('get', 'group', group), named('get', 'queue', queue)),
    };
    this.breakers = {
      list: (options) => listBreakers(client, options),
      get: (name) => new BreakerHandle(client, taskQueue, named('get', 'name', name)),
    };
    this.limits = limitsOf(client, taskQueue, (name) => named('get', 'name', name));
    this.waiting = waitingCallsOf(client);
    this.errors = fleetErrors(client, taskQueue);
    this.redrives = {
      start: (request) => startRedrive(client, taskQueue, request ?? {}),
      get: (id) => new RedriveHandle(client, named('get', 'id', id)),
      list: (options) => listRedrives(client, options),
    };
  }
}

function named(method: string, what: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidRequestError(
    `${method}: the ${what} must be a string that is not empty; got ${show(value)}`,
  );
}
