import type { OriginStatus } from '../../common/dead-letter/origin-status.js';
import type { JsonPatchOperation, RedriveAction, RedrivePlan } from '../../common/redrive/types.js';
import { conditionOf, type DeadLetterFilter, visibilityQuery } from '../dead-letter/filter.js';
import { InvalidRequestError } from '../errors.js';

/** Which letters are redriven, what is done with them, and how fast. Only letters that wait or are held are touched. */
export interface RedriveRequest {
  /** @default 'replay' */
  action?: RedriveAction;
  /** Letters by filter, */
  filter?: DeadLetterFilter;
  /** by visibility query (added to the filter, where there is one), */
  query?: string;
  /** or by their ids. */
  ids?: readonly string[];
  /** Maximum number of letters; the oldest are taken. @default as many as one redrive takes, more than 10,000 */
  limit?: number;
  /** Reports what would be done, and changes nothing. @default false */
  dryRun?: boolean;
  /** Letters a second at the most, from 0.01 to 1,000; `setRate` changes it. @default 10 */
  rate?: number;
  /** Replays under way at the same time, 1 to 500. @default 10 */
  concurrency?: number;
  /** Number of letters to replay first: if one of them fails, the redrive is stopped. @default 0 */
  canary?: number;
  /** Stops the redrive when more than this share has failed, counted from 10 letters on. 1: never. @default 0.5 */
  maxFailureShare?: number;
  /** Other arguments, made of the old ones. */
  transform?: { patch?: readonly JsonPatchOperation[]; activity?: string; taskQueue?: string };
  /** Also replays held letters, without asking their circuit breaker. @default false */
  force?: boolean;
  /** Skips letters whose original workflow is in one of these states. @default none */
  skipOrigins?: readonly OriginStatus[];
  /** For `resolve`: what stands for the result of the activity. */
  result?: unknown;
  /** Who. @default the identity of the client */
  by?: string;
  /** Why. */
  reason?: string;
}

type Checked = Omit<RedrivePlan, 'id' | 'searchAttributes'>;

/**
 * Checks a request and completes it.
 * @throws InvalidRequestError naming each field, the value and what is allowed
 */
export function checkRedrive(request: unknown): Checked {
  // Loaded when called: the schema takes longer to load than the rest of the client.
  const { readRequest } = require('./request-schema.js') as typeof import('./request-schema.js');
  const { filter, query, ids, action, transform, result, ...rest } = readRequest(request ?? {});
  if (ids !== undefined && (filter !== undefined || query !== undefined)) {
    throw new InvalidRequestError('redrive: either ids, or filter and query, not both');
  }
  if (ids === undefined && filter === undefined && query === undefined) {
    throw new InvalidRequestError(
      'redrive: which letters? Give ids, filter or query; filter: {} is all letters that wait',
    );
  }
  if (transform !== undefined && action !== 'replay') {
    throw new InvalidRequestError(`redrive: transform is for action replay; got action "${action}"`);
  }
  if (rest.skipOrigins !== undefined && action !== 'replay') {
    throw new InvalidRequestError(`redrive: skipOrigins is for action replay; got action "${action}"`);
  }
  if (result !== undefined && action !== 'resolve') {
    throw new InvalidRequestError(`redrive: result is for action resolve; got action "${action}"`);
  }
  const letters = filter as DeadLetterFilter | undefined;
  const { since, until, correlationId, tags } = conditionOf(letters ?? {});
  const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
  return {
    v: 1,
    ...{ ...rest, action, transform, result },
    ...(ids === undefined ? { query: openLetters(letters ?? {}, query) } : { ids: [...new Set(ids)] }),
    ...{ since: iso(since), until: iso(until), correlationId, tags },
  };
}

function openLetters(filter: DeadLetterFilter, query: string | undefined): string {
  const more = query === undefined ? '' : ` AND (${query})`;
  return `${visibilityQuery(filter)} AND ExecutionStatus = 'Running'${more}`;
}

const REFUSALS = ['InvalidRequestError', 'SearchAttributesNotRegisteredError'];

/** Whether a redrive that fails with such an error has touched no letter: after any other it may have. */
export function isRefusal(errorName: string | null | undefined): boolean {
  return REFUSALS.includes(errorName ?? '');
}
