/** What `replay`, `resolve` and `discard` accept, as signal input and as update input. */
export interface ReplayRequest {
  /** New arguments, all of them; without it the original ones are used. */
  readonly args?: readonly unknown[];
  readonly by?: string;
  readonly reason?: string;
  readonly force?: boolean;
}

export interface ResolveRequest {
  /** Stands for the result the activity did not give. */
  readonly result?: unknown;
  readonly by?: string;
  readonly reason?: string;
}

export interface DiscardRequest {
  readonly by?: string;
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

const FIELDS = {
  replay: { args: list, by: text, reason: text, force: flag },
  resolve: { result: anything, by: text, reason: text },
  discard: { by: text, reason: text },
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
  const given = Object.entries(input).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      name === 'by' || name === 'reason' ? String(value).slice(0, 1000) : value,
    ]),
  ) as Requests[K];
}

function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}
