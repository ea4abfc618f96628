import { hash52, utf8Length } from '../text/text.js';
import type { DeadLetterRecord, EarlierFailure, RecordFailures } from './record.js';

const MAX_EARLIER = 50;
const MAX_EARLIER_BYTES = 20_000;
/** Failures that are known again when they are reported twice. */
const MAX_KNOWN = 100;
/** Of these, those that the memo of the letter has. */
const MAX_IN_MEMO = 10;

/** What all failures of one record came to, beside the newest, which is the record of the letter. */
export interface FailureCount extends RecordFailures {
  /** Fingerprints of the last failures, oldest first. */
  readonly known: readonly string[];
}

/** A fingerprint of the call that failed: the same however often the failure is reported. */
export function failureFingerprint({ origin }: Pick<DeadLetterRecord, 'origin'>): string {
  return hash52(`${origin.workflowId}/${origin.runId}/${origin.scheduledEventId}`);
}

/** Of a letter that was just written. */
export function firstFailure(record: DeadLetterRecord): FailureCount {
  const { createdAt } = record;
  return {
    ...{ count: 1, firstSeen: createdAt, lastSeen: createdAt, earlier: [] },
    known: [failureFingerprint(record)],
  };
}

/** A failure and the beginning of its arguments, as they may be shown. */
export interface Failure {
  readonly record: DeadLetterRecord;
  readonly arguments?: string;
}

/**
 * When the call was made, in milliseconds since the epoch. A letter that does not know it has the time of its failure, which
 * is later: so an older call does not pass for a newer one.
 */
export function madeAt({ scheduledAt, createdAt }: DeadLetterRecord): number {
  return Date.parse(scheduledAt ?? createdAt);
}

/**
 * Adds failures of the same record. Each counts once, in whatever order and however often they come. `newest` is the one
 * whose call was made last: an older call may fail later. Of calls made at the same time it is the one that failed last, and
 * of these the one that was reported last.
 * @param current the record of the letter; undefined where that is done, and one of those that are added is the newest
 */
export function addFailures(
  before: FailureCount,
  current: Failure | undefined,
  added: readonly Failure[],
): { readonly failures: FailureCount; readonly newest: Failure | undefined } {
  let failures = before;
  let newest = current;
  for (const failure of added) {
    const fingerprint = failureFingerprint(failure.record);
    if (failures.known.includes(fingerprint)) continue;
    const { createdAt } = failure.record;
    const isNewest = newest === undefined || isAtLeastAsNew(failure.record, newest.record);
    const older = isNewest ? newest : failure;
    failures = {
      count: failures.count + 1,
      firstSeen: earliest(failures.firstSeen, createdAt),
      lastSeen: earliest(failures.lastSeen, createdAt) === createdAt ? failures.lastSeen : createdAt,
      earlier: older === undefined ? failures.earlier : withEarlier(failures.earlier, earlierOf(older)),
      known: [...failures.known, fingerprint].slice(-MAX_KNOWN),
    };
    if (isNewest) newest = failure;
  }
  return { failures, newest };
}

/** For the memo: how often, and what a report that comes again is known by. */
export function failuresInMemo({ count, firstSeen, known }: FailureCount) {
  return { count, firstSeen, known: known.slice(-MAX_IN_MEMO) };
}

function isAtLeastAsNew(a: DeadLetterRecord, b: DeadLetterRecord): boolean {
  const laterByMs = madeAt(a) - madeAt(b);
  return laterByMs > 0 || (laterByMs === 0 && Date.parse(a.createdAt) >= Date.parse(b.createdAt));
}

function earliest(a: string, b: string): string {
  return Date.parse(b) <= Date.parse(a) ? b : a;
}

function earlierOf({ record, arguments: shown }: Failure): EarlierFailure {
  const { createdAt, origin, error } = record;
  const { workflowId, runId, activityId } = origin;
  return {
    ...{ at: createdAt, workflowId, runId, activityId, category: error.errorCategory },
    ...(error.statusCode === undefined ? {} : { status: error.statusCode }),
    message: error.message.slice(0, 300),
    ...(shown === undefined ? {} : { arguments: shown }),
  };
}

/** Oldest first, as many of the newest as there is room for. */
function withEarlier(earlier: readonly EarlierFailure[], added: EarlierFailure): EarlierFailure[] {
  const sorted = [...earlier, added].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  let room = MAX_EARLIER_BYTES;
  const tooOld = sorted.findLastIndex((each) => {
    room -= utf8Length(JSON.stringify(each)) + 1;
    return room < 0;
  });
  return sorted.slice(Math.max(tooOld + 1, sorted.length - MAX_EARLIER));
}
