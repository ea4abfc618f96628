import type { RawValue } from '@temporalio/common';
import { patched, workflowInfo } from '@temporalio/workflow';
import { UNDECODABLE_ENCODING } from '../../common/contract.js';
import { encodingOf, isReadable } from '../../common/payload/encoding.js';

/**
 * Whether this worker could not read some inputs when they first came.
 *
 * A codec may be out of reach one day and back the next, so the answer of the day is kept in history (as a patch
 * marker, only where there was something to note), and replays go by that and not by what they can read now.
 * @param id names the inputs within their run
 */
export function wasUndecodable(input: readonly RawValue[], id: string): boolean {
  const patch = `temporal-recovery/undecodable-${id}`;
  const isMarked = input.some(({ payload }) => encodingOf(payload) === UNDECODABLE_ENCODING);
  if (workflowInfo().unsafe.isReplaying) {
    const then = patched(patch);
    if (isMarked && !then)
      throw new Error('The codec cannot read an input it could read before; trying again');
    return then;
  }
  // A worker without any codec hands out what it got.
  const now = isMarked || !isReadable(input[0]?.payload);
  if (now) patched(patch);
  return now;
}
