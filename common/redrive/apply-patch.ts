import { isTooDeep, MAX_JSON_DEPTH } from '../payload/json-depth.js';
import { beginning } from '../text/text.js';
import { insert, type Location, locate, overwrite, take, valueAt } from './json-location.js';
import { PatchSize } from './patch-size.js';
import { isSameJson } from './same-json.js';
import type { JsonPatchOperation } from './types.js';

const MAX_OPERATIONS = 1_000;

/** A JSON Patch that does not fit the arguments; nothing has been changed. */
export class PatchDoesNotFitError extends Error {
  override readonly name = 'PatchDoesNotFitError';
}

/**
 * The arguments as the patch (RFC 6902) makes them; those given are left as they are.
 *
 * A patch is small, and what it makes need not be: 27 copies of a value into itself are 2^27 values. So there is a limit
 * to operations, to the size after each of them, and to what all of them copy together.
 * @throws PatchDoesNotFitError where a path is not there, a `test` fails, or the arguments would become too large
 */
export function patchArguments(args: readonly unknown[], patch: readonly JsonPatchOperation[]): unknown[] {
  if (patch.length > MAX_OPERATIONS) {
    throw new PatchDoesNotFitError(
      `The patch has ${patch.length} operations; at most ${MAX_OPERATIONS} are allowed. Send the new arguments as args instead`,
    );
  }
  try {
    const patched: unknown[] = copyOf([...args]);
    const size = new PatchSize(patched);
    for (const operation of patch) apply(patched, operation, size);
    if (isTooDeep(patched)) throw new RangeError();
    return patched;
  } catch (error) {
    // Copying recurses: a RangeError is the end of the stack.
    if (!(error instanceof RangeError)) throw error;
    throw new PatchDoesNotFitError(
      `The patch does not fit: arguments may be nested ${MAX_JSON_DEPTH} levels deep, and these are deeper`,
    );
  }
}

function apply(args: unknown[], operation: JsonPatchOperation, size: PatchSize): void {
  const { op, path, from = '' } = operation;
  const refuse = (why: string): never => {
    // Without values, which may be secrets.
    throw new PatchDoesNotFitError(`The patch does not fit: ${op} ${shortened(path)}: ${why}`);
  };
  const nowhere = () => refuse('there is nothing it could apply to');
  const put = (at: Location, value: unknown) => {
    if (!insert(at, value)) nowhere();
  };
  const there = locate(args, path) ?? nowhere();
  const present = valueAt(there);
  if (op === 'test') {
    if (!isSameJson(present, operation.value)) refuse('the value is another one');
    return;
  }
  const makeRoom = (added: unknown, removed?: unknown) => {
    const problem = size.problem(added, removed, path);
    if (problem !== undefined) refuse(problem);
  };
  if (op === 'remove' || op === 'replace') {
    if (present === undefined) nowhere();
    makeRoom(op === 'remove' ? undefined : operation.value, present);
    if (op === 'remove') take(there);
    else overwrite(there, copyOf(operation.value));
    return;
  }
  if (op === 'add') {
    makeRoom(operation.value);
    put(there, copyOf(operation.value));
    return;
  }
  if (path.startsWith(`${from}/`)) refuse(`it would put ${shortened(from)} into itself`);
  const source = locate(args, from) ?? nowhere();
  const value = valueAt(source);
  if (value === undefined) nowhere();
  if (op === 'copy') {
    makeRoom(value);
    put(there, copyOf(value));
    return;
  }
  makeRoom(undefined);
  take(source);
  // Where it goes is looked up again: taking it away may have moved that.
  put(locate(args, path) ?? nowhere(), value);
}

/** What came from JSON; `structuredClone` is not everywhere workflow code runs. */
function copyOf<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

function shortened(path: string): string {
  return path.length > 200 ? `${beginning(path, 200)}…` : path;
}
