import { transformProblem } from '../redrive/transform.js';
import type { ArgumentsTransform } from '../redrive/types.js';
import { show } from '../text/show.js';
import { beginning } from '../text/text.js';
import { type OriginStatus, originStatusesProblem } from './origin-status.js';

/** The same request sent twice, with the same id, is carried out once. */
interface Identified {
  /** At most 200 characters; the last 100 are remembered. */
  readonly requestId?: string;
}

/** What `replay`, `resolve` and `discard` accept, as signal input and as update input. */
export interface ReplayRequest extends Identified {
  /** New arguments, all of them; without it the original ones are used. */
  readonly args?: readonly unknown[];
  /** Makes the new arguments of the original ones. Either this or `args`. */
  readonly transform?: ArgumentsTransform;
  /** With `transform`, as an update: answers with the arguments before and after, and does nothing. */
  readonly dryRun?: boolean;
  /**
   * Who asks, at most 1,000 characters; shown in the letter's story.
   * @default the sender's Temporal identity, where it is known
   */
  readonly by?: string;
  /** Why, at most 1,000 characters; shown in the letter's story without secrets. */
  readonly reason?: string;
  /** Replays also if the circuit breaker is open. */
  readonly force?: boolean;
  /** Skips the letter if its original workflow is in one of these states. */
  readonly skipOrigins?: readonly OriginStatus[];
}

/** What `resolve` accepts, as signal input and as update input. */
export interface ResolveRequest extends Identified {
  /** Stands for the result the activity did not give. */
  readonly result?: unknown;
  /**
   * Who asks, at most 1,000 characters; shown in the letter's story.
   * @default the sender's Temporal identity, where it is known
   */
  readonly by?: string;
  /** Why, at most 1,000 characters; shown in the letter's story without secrets. */
  readonly reason?: string;
}

/** What `discard` accepts, as signal input and as update input. */
export interface DiscardRequest extends Identified {
  /**
   * Who asks, at most 1,000 characters; shown in the letter's story.
   * @default the sender's Temporal identity, where it is known
   */
  readonly by?: string;
  /** Why, at most 1,000 characters; shown in the letter's story without secrets. */
  readonly reason?: string;
}

/** Input a signal or update cannot be understood by. The message names the field, the value and the fix. */
export class MalformedRequestError extends Error {
  override readonly name = 'MalformedRequestError';
}

type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'a string');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const list: Check = (value) =>
  Array.isArray(value) ? undefined : 'an array with all arguments of the activity, such as ["first", 2]';
const anything: Check = () => undefined;
const id: Check = (value) =>
  typeof value === 'string' && value !== '' && value.length <= 200 ? undefined : '1 to 200 characters';

const FIELDS = {
  replay: {
    ...{ args: list, transform: transformProblem, dryRun: flag },
    ...{ by: text, reason: text, force: flag, requestId: id, skipOrigins: originStatusesProblem },
  },
  resolve: { result: anything, by: text, reason: text, requestId: id },
  discard: { by: text, reason: text, requestId: id },
} satisfies Record<string, Record<string, Check>>;

interface Requests {
  replay: ReplayRequest;
  resolve: ResolveRequest;
  discard: DiscardRequest;
}

/**
 * Reads the input of a request. No input is a request without options.
 * @throws MalformedRequestError
 */
export function parseRequest<K extends keyof Requests>(kind: K, input: unknown): Requests[K] {
  if (input === undefined || input === null) return {} as Requests[K];
  const fields: Record<string, Check> = FIELDS[kind];
  const names = Object.keys(fields).join(', ');
  if (typeof input !== 'object' || Array.isArray(input)) {
    throw new MalformedRequestError(
      `${kind}: the input must be a JSON object with any of ${names}; got ${show(input)}`,
    );
  }
  for (const [name, value] of Object.entries(input)) {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (check === undefined) {
      throw new MalformedRequestError(`${kind}: unknown field ${show(name)}; known are ${names}`);
    }
    const expected = value === undefined || value === null ? undefined : check(value);
    if (expected !== undefined) {
      throw new MalformedRequestError(`${kind}: ${name} must be ${expected}; got ${show(value)}`);
    }
  }
  const { args, transform, dryRun } = input as ReplayRequest;
  if (args && transform) throw new MalformedRequestError(`${kind}: either args or transform, not both`);
  if (dryRun && !transform) throw new MalformedRequestError(`${kind}: dryRun needs a transform to show`);
  const given = Object.entries(input).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      name === 'by' || name === 'reason' ? beginning(String(value), 1000) : value,
    ]),
  ) as Requests[K];
}
