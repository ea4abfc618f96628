import type { Payload, RawValue } from '@temporalio/common';
import { patched, setHandler } from '@temporalio/workflow';
import { recordProblem, successProblem } from '../../common/dead-letter/check-record.js';
import {
  addFailures,
  type FailureCount,
  failureFingerprint,
  firstFailure,
  madeAt,
} from '../../common/dead-letter/failures.js';
import type { DeadLetterRecord, LaterSuccess, ReportedSuccess } from '../../common/dead-letter/record.js';
import { show } from '../../common/text/show.js';
import { readJson } from '../messages/read-json.js';
import { senderIdentity } from '../messages/sender.js';
import { wasUndecodable } from '../messages/undecodable.js';
import { failedAgainSignal, succeededSignal } from './definitions.js';
import type { Letter } from './letter.js';

/** Before 0.11 a success was later if its attempt began after the newest failure. */
const BY_CALL = 'temporal-recovery-success-by-call';

interface Reported {
  readonly record: DeadLetterRecord;
  readonly args: readonly Payload[];
}

/** The newest failure of a record, and what is known of all. */
export interface Newest extends Reported {
  readonly failures: FailureCount;
}

/**
 * The failures of a record whose calls share one letter. One that is reported waits until the letter is between two
 * things that it does: it then goes on in a new run, with the newest failure as its record.
 */
export class RecordFailureInbox {
  private readonly waiting: Reported[] = [];
  private received = 0;
  private success: LaterSuccess | undefined;

  constructor(
    private readonly letter: Letter,
    private readonly known: FailureCount,
  ) {
    letter.failures = known;
    setHandler(failedAgainSignal, (...input: RawValue[]) => this.receive(input), {
      description: 'Internal: a failure of the record that this letter is for, sent once for each.',
    });
    setHandler(succeededSignal, (...input: RawValue[]) => this.receiveSuccess(input), {
      description: 'Internal: a later call of the record succeeded.',
    });
  }

  /** A call that succeeded after the newest failure; undefined while there is a failure that the letter does not have. */
  get laterSuccess(): LaterSuccess | undefined {
    return this.hasNew ? undefined : this.success;
  }

  static of(letter: Letter, carried: FailureCount | undefined): RecordFailureInbox | undefined {
    if (letter.record.recordKey === undefined) return undefined;
    return new RecordFailureInbox(letter, carried ?? firstFailure(letter.record));
  }

  /** Whether there is a failure that the letter does not have yet. */
  get hasNew(): boolean {
    return this.waiting.length > 0;
  }

  /** @param isDone the work of the failures before is done, or was decided about */
  newest(isDone: boolean): Newest {
    const { record, args = [] } = this.letter;
    const own = { record, args, arguments: this.letter.previewOf(args) };
    const added = this.waiting.map((each) => ({ ...each, arguments: this.letter.previewOf(each.args) }));
    const { failures, newest } = addFailures(this.known, isDone ? undefined : own, added);
    const found = [own, ...added].find((each) => each.record === newest?.record) ?? own;
    return { record: found.record, args: found.args, failures };
  }

  /** Ignores an invalid report, and the success of a call that was made before the newest that failed. */
  private receiveSuccess(input: readonly RawValue[]): void {
    const success = readJson(input);
    if (successProblem(success) !== undefined) return;
    const { at, scheduledAt, workflowId, runId, activityId } = success as ReportedSuccess;
    const failed = [this.letter.record, ...this.waiting.map(({ record }) => record)];
    const beganLater = failed.every(({ createdAt }) => Date.parse(at) > Date.parse(createdAt));
    const madeLater =
      scheduledAt === undefined
        ? beganLater
        : failed.every((record) => Date.parse(scheduledAt) > madeAt(record));
    // A marker is written only where the rules differ.
    const isLater = madeLater === beganLater || patched(BY_CALL) ? madeLater : beganLater;
    if (isLater) this.success = { at, workflowId, runId, activityId };
  }

  private receive(input: readonly RawValue[]): void {
    const number = this.received++;
    try {
      if (wasUndecodable(input, `failure-${number}`)) throw new Error('no codec of this worker can read it');
      const record = this.read(input);
      const args = input.slice(1).map(({ payload }) => payload);
      if (args.length !== record.argumentCount) {
        throw new Error(`it has ${args.length} of ${record.argumentCount} arguments`);
      }
      this.take({ record, args });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `failedAgain: the failure cannot be added to this letter: ${why}`;
      this.letter.addToStory({ event: 'refused', by: senderIdentity(), message });
    }
    this.letter.show();
  }

  private read(input: readonly RawValue[]): DeadLetterRecord {
    const given = readJson(input);
    const problem = recordProblem(given);
    if (problem !== undefined) throw new Error(problem);
    const record = given as DeadLetterRecord;
    const { recordKey } = this.letter.record;
    if (record.recordKey === recordKey) return record;
    throw new Error(`record.recordKey must be ${show(recordKey)}; got ${show(record.recordKey)}`);
  }

  /** The signal that the letter was started with brings its own arguments; a failure that is known changes nothing. */
  private take(reported: Reported): void {
    const fingerprint = failureFingerprint(reported.record);
    if (fingerprint === failureFingerprint(this.letter.record)) {
      this.letter.args ??= [...reported.args];
      return;
    }
    const isKnown =
      this.known.known.includes(fingerprint) ||
      this.waiting.some(({ record }) => failureFingerprint(record) === fingerprint);
    if (isKnown) return;
    this.waiting.push(reported);
    const { message, errorCategory: category, statusCode: status } = reported.record.error;
    this.letter.addToStory({ event: 'failed-again', message, category, status });
  }
}
