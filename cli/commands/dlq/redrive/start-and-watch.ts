import { requireSearchAttributes } from '../../../../client/dead-letter/listing.js';
import type { StartRedriveOptions } from '../../../../client/redrive/redrives.js';
import type { Outcome, Session } from '../../../session.js';
import { confirmGroups, confirmLetters } from '../letters-question.js';
import { countLetters, groupsToTake } from './count.js';
import { watch } from './watch.js';
import { waysToGoOn } from './ways.js';

export interface StartOptions {
  readonly yes?: boolean;
  readonly detach?: boolean;
  /** For the question: "Replay", "Discard". */
  readonly verb: string;
}

/** Asks with the number of letters, starts the redrive and watches it. */
export async function startAndWatch(
  session: Session,
  request: StartRedriveOptions,
  { yes, detach, verb }: StartOptions,
): Promise<Outcome> {
  const { output, recovery, client } = session;
  if (request.ids === undefined) await requireSearchAttributes(client);
  const letters = await countLetters(session, request);
  if (letters === 0) {
    output.answer({ letters: 0 }, () => ['No dead letters match; nothing was done']);
    return undefined;
  }
  if (!request.dryRun && !yes) {
    if (request.ids !== undefined) await confirmLetters(session, verb, request.ids, yes);
    else await confirmGroups(session, verb, letters, () => groupsToTake(session, request));
  }
  const redrive = await recovery.redrives.start(request);
  if (detach) {
    output.answer({ id: redrive.id, letters }, () => [`Started ${redrive.id}`, ...waysToGoOn(redrive.id)]);
    return undefined;
  }
  return watch(session, redrive);
}
