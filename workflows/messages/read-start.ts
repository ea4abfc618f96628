import { ApplicationFailure, type RawValue } from '@temporalio/common';
import { readJson } from './read-json.js';

const READABLE = ['json/plain', 'json/protobuf', 'binary/null', 'binary/plain', ''];

/**
 * What a workflow of ours was started with. It may have been started by hand: what is wrong with it fails the workflow
 * at once and says so. What only a codec can read is another matter: that may be out of reach for the moment, so the
 * workflow task is tried again.
 * @param problem what is wrong with the value, as a sentence
 * @throws ApplicationFailure of the given type
 */
export function readStart<T>(
  input: RawValue | undefined,
  type: string,
  problem: (value: unknown) => string | undefined,
): T {
  const encoding = String.fromCharCode(...(input?.payload.metadata?.encoding ?? []));
  if (!READABLE.includes(encoding)) {
    throw new Error(
      `The input has encoding "${encoding}", which no codec of this worker can read; trying again until one can`,
    );
  }
  const value = input === undefined ? undefined : readJson([input]);
  const wrong = problem(value);
  if (wrong !== undefined) throw ApplicationFailure.nonRetryable(wrong, type);
  return value as T;
}
