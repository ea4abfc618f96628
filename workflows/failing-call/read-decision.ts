import { defaultPayloadConverter, RawValue } from '@temporalio/common';
import type { HandleFailureResult } from '../../common/failing-call/failure-description.js';
import { payloadConverter } from '../sdk/private-state.js';
import { type RecoverableInput, serializationContext } from './recoverable-input.js';

/**
 * Reads what `recovery.handleFailure` decided. With SDK 1.24 it is recorded in the default encoding, with older ones as a JSON
 * string in the user's. A history may come from a worker with another SDK than this one, so both are read with either.
 */
export function readDecision(answer: unknown, call: RecoverableInput): HandleFailureResult {
  if (!(answer instanceof RawValue)) return parse(answer);
  let plain: unknown;
  try {
    plain = parse(defaultPayloadConverter.fromPayload(answer.payload));
  } catch {
    // In an encoding of the user's.
  }
  if (isDecision(plain)) return plain;
  return parse(payloadConverter().fromPayload(answer.payload, serializationContext(call)));
}

function parse(value: unknown): HandleFailureResult {
  return typeof value === 'string' ? JSON.parse(value) : (value as HandleFailureResult);
}

/** The user's encoding may have the name of the default one, and be another. */
function isDecision(value: unknown): value is HandleFailureResult {
  return typeof (value as Partial<HandleFailureResult> | null | undefined)?.action === 'string';
}
