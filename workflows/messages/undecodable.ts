import type { Payload, RawValue } from '@temporalio/common';
import { patched, workflowInfo } from '@temporalio/workflow';
import { UNDECODABLE_ENCODING } from '../../common/contract.js';
import { encodingOf, isReadable } from '../../common/payload/encoding.js';

/**
 * Whether this worker could not read some inputs when they first came.
 *
 * A codec may be out of reach one day and back the next, so the answer of the day is kept in history (as a patch
 * marker, only where there was something to note), and replays go by that and not by what they can read now.
 * @param id names the inputs; no other in their run has it
 */
export function wasUndecodable(input: readonly RawValue[], id: string): boolean {
  const payloads = input.map(({ payload }) => payload);
  const isMarked = payloads.some(hasMark);
  // A worker without any codec hands out what it got.
  const then = noted(id, isMarked || !isReadable(payloads[0]));
  if (isMarked && !then) throw new Error('The codec cannot read an input it could read before; trying again');
  return then;
}

/** The same of data that may be in an encoding of the user's own. */
export function wasMarked(payloads: readonly Payload[], id: string): boolean {
  const isMarked = payloads.some(hasMark);
  return noted(id, isMarked) || isMarked;
}

function noted(id: string, now: boolean): boolean {
  const patch = `temporal-recovery/undecodable-${id}`;
  return (now || workflowInfo().unsafe.isReplaying) && patched(patch);
}

function hasMark(payload: Payload): boolean {
  return encodingOf(payload) === UNDECODABLE_ENCODING;
}
