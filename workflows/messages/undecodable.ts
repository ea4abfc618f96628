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
  // A worker without any codec hands out what it got.
  const isUnread = payloads.some(hasMark) || !isReadable(payloads[0]);
  const then = noted(id, isUnread);
  if (isUnread && !then) throw notReadAnyMore(payloads.find((payload) => !isReadable(payload)));
  return then;
}

/**
 * Whether something failed that fails for a worker without the right codec. The outcome of the first worker that did it
 * stays, as with `wasUndecodable`.
 * @param failedUnread it has failed now, with data that this worker cannot read
 * @param id names what was done; nothing else in its run has it
 */
export function failedThen(failedUnread: boolean, data: readonly Payload[], id: string): boolean {
  const then = noted(id, failedUnread);
  if (failedUnread && !then) throw notReadAnyMore(data.find((payload) => !isReadable(payload)));
  return then;
}

/**
 * Fails the workflow task, which the server repeats. What another worker read decided on what is in the history, so a
 * worker that cannot read it has nothing right to answer.
 */
export function notReadAnyMore(payload: Payload | undefined): Error {
  const encoding = encodingOf(payload);
  const what =
    encoding === UNDECODABLE_ENCODING ? 'no codec of this worker can decode' : `it is "${encoding}"`;
  return new Error(
    `This recovery worker cannot read what another recovery worker has read (${what}). Give it the codecs and keys of the workers; until then nothing is lost, and a worker that has them goes on`,
  );
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
