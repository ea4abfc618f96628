import { applyPatch } from 'rfc6902';
import type { JsonPatchOperation } from './types.js';

/** A JSON Patch that does not fit the arguments; nothing has been changed. */
export class PatchDoesNotFitError extends Error {
  override readonly name = 'PatchDoesNotFitError';
}

/**
 * The arguments as the patch (RFC 6902) makes them; those given are left as they are.
 * @throws PatchDoesNotFitError where a path is not there, a `test` fails, or nothing would be left
 */
export function patchArguments(args: readonly unknown[], patch: readonly JsonPatchOperation[]): unknown[] {
  const patched: unknown[] = structuredCopy([...args]);
  const errors = applyPatch(patched, structuredCopy(patch) as Parameters<typeof applyPatch>[1]);
  for (const [index, error] of errors.entries()) {
    if (error === null) continue;
    const { op = '', path = '' } = patch[index] ?? {};
    // The library's own words would show the value, which may be a secret.
    const why =
      error.name === 'TestError' ? 'the value is another one' : 'there is nothing it could apply to';
    throw new PatchDoesNotFitError(`The patch does not fit: ${op} ${path}: ${why}`);
  }
  return patched;
}

/** What came from JSON; `structuredClone` is not everywhere workflow code runs. */
function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
