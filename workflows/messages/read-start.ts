import { ApplicationFailure, type RawValue } from '@temporalio/common';
import { isReadable } from '../../common/payload/encoding.js';
import { readJson } from './read-json.js';
import { notReadAnyMore } from './undecodable.js';

/**
 * What a workflow of ours was started with. It may have been started by hand: what is wrong with it fails the workflow
 * at once and says so. An input that only a codec can read comes here by way of `readableStart`.
 * @param problem what is wrong with the value, as a sentence
 * @throws ApplicationFailure of the given type
 */
export function readStart<T>(
  input: RawValue | undefined,
  type: string,
  problem: (value: unknown) => string | undefined,
): T {
  if (!isReadable(input?.payload)) {
    // Its history was made with it, and cannot be replayed without.
    throw notReadAnyMore(input?.payload);
  }
  const value = input === undefined ? undefined : readJson([input]);
  const wrong = problem(value);
  if (wrong !== undefined) throw ApplicationFailure.nonRetryable(wrong, type);
  return value as T;
}
