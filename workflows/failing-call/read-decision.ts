import { defaultPayloadConverter, RawValue } from '@temporalio/common';
import type {
  HandleFailureResult,
  HandleFailuresResult,
} from '../../common/failing-call/failure-description.js';
import { payloadConverter } from '../sdk/private-state.js';
import { type RecoverableInput, serializationContext } from './recoverable-input.js';

/**
 * Reads what `recovery.handleFailure` decided. With SDK 1.24 it is recorded in the default encoding, with older ones as a JSON
 * string in the user's. A history may come from a worker with another SDK than this one, so both are read with either.
 */
export function readDecision(answer: unknown, call: RecoverableInput): HandleFailureResult {
  return read(answer, call, isDecision) as HandleFailureResult;
}

/** The same of `recovery.handleFailures`. `call` is any of them. */
export function readDecisions(answer: unknown, call: RecoverableInput): HandleFailuresResult {
  return read(answer, call, Array.isArray) as HandleFailuresResult;
}

/** @param isRead The user's encoding may have the name of the default one, and be another. */
function read(answer: unknown, call: RecoverableInput, isRead: (value: unknown) => boolean): unknown {
  if (!(answer instanceof RawValue)) return parse(answer);
  let plain: unknown;
  try {
    plain = parse(defaultPayloadConverter.fromPayload(answer.payload));
  } catch {
    // In an encoding of the user's.
  }
  if (isRead(plain)) return plain;
  return parse(payloadConverter().fromPayload(answer.payload, serializationContext(call)));
}

function parse(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

function isDecision(value: unknown): boolean {
  return typeof (value as Partial<HandleFailureResult> | null | undefined)?.action === 'string';
}
