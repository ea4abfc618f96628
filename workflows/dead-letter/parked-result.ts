import { RawValue } from '@temporalio/common';
import { PARKED_STATUS_KEY } from '../../common/contract.js';
import type { DeadLetterOutcome } from './outcome.js';

/**
 * What the waiting origin gets: the answer as it came from the activity's worker, or from `resolve`; of a letter that
 * has none, how it ended. Which of them is in the payload's metadata: inside of the payload an answer close to the
 * server's limit would not fit.
 */
export function parkedResult(outcome: DeadLetterOutcome, answer: RawValue | undefined): RawValue {
  const hasAnswer = outcome.status === 'REPLAYED' || outcome.status === 'RESOLVED';
  const { payload } = hasAnswer ? (answer ?? new RawValue(undefined)) : new RawValue(outcome);
  const status = Uint8Array.from(outcome.status, (letter) => letter.charCodeAt(0));
  return RawValue.fromPayload({ ...payload, metadata: { ...payload.metadata, [PARKED_STATUS_KEY]: status } });
}
