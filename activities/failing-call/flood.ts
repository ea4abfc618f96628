import { groupFingerprint, messagePattern } from '../../common/dead-letter/group.js';
import type { ApiLinkerError } from '../../common/errors/index.js';
import { timeInLedger } from '../../common/failing-call/attempt-ledger.js';
import type { RecoverySettings } from '../settings.js';
import type { Attempt } from './attempt.js';
import type { EndedAsLetter, GuardedCall } from './breaker-guard.js';
import { placeOf } from './record-letter.js';

type Settings = Pick<RecoverySettings, 'mode' | 'floodOf' | 'rulebook' | 'queue'>;

/**
 * What the flood guard does about a call. Only failures of calls from workflows with the plugin become letters, and a
 * letter's own replay writes no second one.
 */
export function floodOf(
  { call, header, isReplay, ledger, startedAt, sinceScheduledMs }: Attempt,
  settings: Settings,
): GuardedCall['flood'] {
  // Without the plugin's ends of retries, a call ends many times.
  if (header === undefined || isReplay || settings.mode === 'observe') return undefined;
  const rules = settings.floodOf(call);
  if (rules === undefined) return undefined;
  const since = timeInLedger(ledger.heldSince, startedAt, sinceScheduledMs);
  return {
    ...{ operation: call.operation ?? call.activityType, rules },
    ...(since === undefined ? {} : { heldForMs: startedAt - since }),
  };
}

/** The letter of a call that has failed for good; undefined where it is answered, skipped, or fails without one. */
export function letterOf(
  { call, header }: Attempt,
  error: ApiLinkerError,
  settings: Settings,
): EndedAsLetter | undefined {
  const { errorCategory, statusCode, message } = error;
  const [end] = settings.rulebook.plan(call, errorCategory).ends;
  if (end !== undefined && end.action !== 'deadLetter' && end.action !== 'park') return undefined;
  const { operation } = placeOf(call.activityType, header?.recovery, settings);
  const words = [errorCategory, statusCode, messagePattern(message)].filter((word) => word !== undefined);
  return { group: groupFingerprint(operation, error.toJSON()), said: words.join(' ') };
}
