import type { DeadLetterState, DeadLetterStatus, RequestOutcome } from '../../common/dead-letter/record.js';
import { isEnded, wasReplayed } from '../../common/dead-letter/status.js';

const POLL_MS = 1_000;

/** The outcome of a replay that was still running when it was asked for. @param look gives the letter's state */
export async function untilReplayed(look: () => Promise<DeadLetterState>): Promise<RequestOutcome> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const { status, story, origin } = await look();
    if (status === 'REPLAYING') continue;
    const message = isEnded(status) ? `Its workflow ended meanwhile: it is ${status}` : story.at(-1)?.message;
    const outcome = status === 'WAITING' ? (wasReplayed(story) ? 'REPLAYED' : 'FAILED') : endOf(status);
    return {
      ...{ outcome, status },
      ...(message === undefined ? {} : { message }),
      ...(origin === undefined ? {} : { origin: origin.status }),
    };
  }
}

function endOf(status: Exclude<DeadLetterStatus, 'WAITING' | 'REPLAYING'>): RequestOutcome['outcome'] {
  return status === 'EXPIRED' || status === 'SUPERSEDED' || isEnded(status) ? 'SKIPPED' : status;
}
