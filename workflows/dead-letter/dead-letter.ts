import { RawValue } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  makeContinueAsNewFunc,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { searchAttributesOf } from '../../common/dead-letter/attributes.js';
import { bounded, type CarriedOver, MAX_CARRIED_BYTES } from '../../common/dead-letter/carried-over.js';
import { carriedProblem, recordProblem } from '../../common/dead-letter/check-record.js';
import { memoOf } from '../../common/dead-letter/memo.js';
import type { DeadLetterRecord, RequestOutcome, StoryEntry } from '../../common/dead-letter/record.js';
import { payloadBytes } from '../../common/payload/payload-size.js';
import { utf8Length } from '../../common/text/text.js';
import { readStart } from '../messages/read-start.js';
import { readableStart } from '../messages/readable-start.js';
import { Inbox } from './inbox.js';
import type { ParsedRequest } from './input.js';
import { Letter } from './letter.js';
import { LetterSchedule } from './letter-schedule.js';
import { Notice } from './notice.js';
import { type DeadLetterOutcome, showable } from './outcome.js';
import { parkedResult } from './parked-result.js';
import { RecordFailureInbox } from './record-failures.js';
import { heldBy, Replayer } from './replayer.js';
import { isHistoryLarge, resultProblem } from './size-limits.js';

/**
 * A failed activity, kept until it is replayed, resolved, discarded or expired. Its inputs are a `DeadLetterRecord`,
 * `CarriedOver`, and where they fit the arguments.
 */
export async function deadLetter(
  record?: RawValue,
  carried?: RawValue,
  ...carriedArgs: RawValue[]
): Promise<DeadLetterOutcome | RawValue> {
  const later = readableStart('dead letter', [record, carried]);
  const [first, second] = later === undefined ? [record, carried] : await later;
  // Without a record there is nothing to keep, and no page to show.
  const kept = readStart<DeadLetterRecord>(first, 'NoDeadLetter', (value) => {
    const problem = recordProblem(value);
    return problem && `The input is not the record of a dead letter: ${problem}. Workers write dead letters`;
  });
  const before = readStart<CarriedOver | null | undefined>(second, 'NoDeadLetter', (value) => {
    const problem = carriedProblem(value);
    return problem && `The second input is not the state of an earlier run: ${problem}. Leave it out`;
  });
  return new DeadLetter(kept, before ?? undefined, carriedArgs).run();
}

class DeadLetter {
  private readonly letter: Letter;
  private readonly inbox: Inbox;
  private readonly schedule: LetterSchedule;
  private readonly notice: Notice;
  private readonly replayer: Replayer;
  private readonly recordBytes: number;
  private readonly failures: RecordFailureInbox | undefined;

  constructor(
    private readonly record: DeadLetterRecord,
    carried: CarriedOver | undefined,
    carriedArgs: readonly RawValue[],
  ) {
    const initial = record.held === undefined ? 'WAITING' : 'HELD';
    this.recordBytes = utf8Length(JSON.stringify(record));
    this.letter = new Letter(record, carried, carried?.status ?? initial);
    // A letter that is parked or restored has its arguments in its input, where they fit.
    const hasAll = carriedArgs.length === record.argumentCount;
    const hasArgs = carried === undefined ? record.parked && hasAll : !carried.restored || hasAll;
    this.letter.origin = carried?.origin;
    if (hasArgs) this.letter.args = carriedArgs.map(({ payload }) => payload);
    if (carried === undefined && record.held !== undefined)
      this.letter.addToStory(heldBy(record.held.breaker));
    this.inbox = new Inbox(this.letter, carried?.requests ?? 0, carried?.handled);
    this.failures = RecordFailureInbox.of(this.letter, carried?.failures);
    this.schedule = new LetterSchedule(record, carried);
    this.notice = new Notice(record, carried?.noticeSent ?? false, this.letter);
    this.replayer = new Replayer(record, this.letter, this.schedule, carried?.wasAskedFor ?? false);
    // Of a letter that no client started, the list knows only what it tells itself.
    if (record.parked && carried === undefined) upsertMemo(memoOf(record));
  }

  async run(): Promise<DeadLetterOutcome | RawValue> {
    this.letter.show();
    this.notice.send();
    try {
      while (!this.letter.isFinal) {
        const carriedOver = await this.step();
        if (carriedOver !== undefined) return carriedOver;
      }
    } catch (error) {
      if (isCancellation(error)) {
        this.letter.finish('DISCARDED', { event: 'discarded', reason: 'the workflow was cancelled' });
        if (this.failures?.hasNew) return this.takeNewest();
      }
      throw error;
    }
    await this.close();
    await condition(allHandlersFinished);
    // One that came while the letter ended starts it again. The server gives each to this run or to the next.
    if (this.failures?.hasNew) return this.takeNewest();
    return this.record.parked ? parkedResult(this.outcome(), this.replayer.result) : this.outcome();
  }

  /** A letter that closes first sends its notification. Until then it rejects requests as too late. */
  private async close(): Promise<void> {
    let isSent = false;
    await CancellationScope.nonCancellable(async () => {
      void this.notice.sentBeforeEnd().then(() => {
        isSent = true;
      });
      do {
        await condition(() => isSent || this.inbox.next !== undefined);
        while (this.inbox.next !== undefined) this.inbox.answer(this.letter.skip(this.inbox.next));
        this.letter.show();
      } while (!isSent);
    });
  }

  /** Waits for the next thing to happen and does it. */
  private async step(): Promise<never | undefined> {
    this.replayer.hold();
    await this.schedule.wait(
      () =>
        this.inbox.next !== undefined ||
        this.replayer.isReleased ||
        this.hasNewFailure ||
        this.failures?.laterSuccess !== undefined ||
        this.shouldContinueAsNew(),
    );
    const request = this.inbox.next;
    if (request !== undefined) {
      const outcome = await this.handle(request);
      if (this.letter.isFinal && outcome.outcome !== 'SKIPPED')
        this.letter.endedBy = request.request.requestId;
      this.inbox.answer(outcome);
    } else if (this.hasNewFailure) {
      await this.replayer.stopHeldCall();
      if (!this.letter.isFinal && this.inbox.next === undefined && allHandlersFinished()) {
        return this.takeNewest();
      }
    } else if (this.failures?.laterSuccess !== undefined) {
      await this.replayer.stopHeldCall();
      const { laterSuccess } = this.failures;
      if (!this.letter.isFinal && laterSuccess !== undefined) this.letter.supersede(laterSuccess);
    } else if (this.replayer.isReleased) {
      this.replayer.endHeldCall();
    } else if (this.schedule.isExpired()) {
      await this.replayer.stopHeldCall();
      if (!this.letter.isFinal) this.letter.expire();
    } else if (this.schedule.isReplayDue()) {
      await this.replayer.replayByItself();
    } else if (this.shouldContinueAsNew()) {
      await this.replayer.stopHeldCall();
      // The call that was held may have ended meanwhile, and a request may have come.
      const isIdle = this.inbox.next === undefined && !this.hasNewFailure && allHandlersFinished();
      if (!this.letter.isFinal && isIdle) {
        return this.carryOver();
      }
    }
    this.letter.show();
    return undefined;
  }

  private async handle(parsed: ParsedRequest): Promise<RequestOutcome> {
    const { by, reason } = parsed.request;
    if (parsed.kind === 'replay') {
      return parsed.request.dryRun ? this.replayer.preview(parsed) : this.replayer.replay(parsed);
    }
    const result = parsed.kind === 'resolve' ? new RawValue(parsed.request.result) : undefined;
    const problem = result && this.record.parked ? resultProblem(result.payload) : undefined;
    if (problem !== undefined) {
      this.letter.addToStory({ event: 'replay-skipped', by, reason, message: problem });
      return { outcome: 'SKIPPED', status: this.letter.status, message: problem };
    }
    await this.replayer.stopHeldCall();
    if (this.letter.isFinal) return this.letter.skip(parsed);
    if (parsed.kind === 'resolve') {
      this.replayer.result = result;
      this.letter.finish('RESOLVED', { event: 'resolved', by, reason });
      return { outcome: 'RESOLVED', status: this.letter.status };
    }
    // A further kind of request must not discard a letter by accident: it does not compile here.
    parsed.kind satisfies 'discard';
    this.letter.finish('DISCARDED', { event: 'discarded', by, reason });
    return { outcome: 'DISCARDED', status: this.letter.status };
  }

  private outcome(): DeadLetterOutcome {
    const { status, story, replays } = this.letter;
    const { by, reason } = story.findLast(({ event }) => !AFTER_THE_END.includes(event)) ?? {};
    return { status, by, reason, replays, result: showable(this.replayer.result) };
  }

  private canCarryOver(): boolean {
    const { args } = this.letter;
    return args !== undefined && payloadBytes(args) + this.recordBytes <= MAX_CARRIED_BYTES;
  }

  private shouldContinueAsNew(): boolean {
    return (
      workflowInfo().continueAsNewSuggested &&
      (!this.replayer.isHolding || isHistoryLarge()) &&
      !this.notice.pending &&
      this.canCarryOver() &&
      allHandlersFinished()
    );
  }

  /** A failure to be taken over as soon as nothing else is under way. */
  private get hasNewFailure(): boolean {
    return this.failures?.hasNew === true && allHandlersFinished();
  }

  /**
   * Goes on with the newest failure of its record, as if the letter were written now: its retention and its automatic
   * replays begin again. The story stays. A notification that is under way is sent again by the next run.
   */
  private takeNewest(): Promise<never> {
    const { failures: inbox, letter } = this;
    if (inbox === undefined) throw new TypeError('The letter is for one failure');
    const { record, args, failures } = inbox.newest(letter.isFinal);
    const staysHeld = letter.status === 'HELD' && this.replayer.wasAskedFor;
    const status = record.held !== undefined || staysHeld ? 'HELD' : 'WAITING';
    const [delay] = record.autoReplay?.delaysMs ?? [];
    const carried: CarriedOver = {
      ...{ story: letter.story, replays: letter.replays, status, requests: this.inbox.received, failures },
      ...(delay === undefined || status === 'HELD' ? {} : { nextReplayAt: Date.now() + delay }),
      noticeSent: !this.notice.pending,
      ...(staysHeld ? { wasAskedFor: true } : {}),
      handled: this.inbox.handled.carried(),
    };
    const goOn = makeContinueAsNewFunc<typeof deadLetter>({
      searchAttributes: searchAttributesOf(record, status),
      memo: memoOf(record, failures),
    });
    return goOn(
      new RawValue(record),
      new RawValue(bounded(carried)),
      ...args.map((payload) => RawValue.fromPayload(payload)),
    );
  }

  private carryOver(): Promise<never> {
    const { story, replays, status, origin } = this.letter;
    const carried: CarriedOver = {
      ...{ story, replays, status, requests: this.inbox.received },
      ...this.schedule.carried(),
      noticeSent: true,
      ...(this.replayer.wasAskedFor ? { wasAskedFor: true } : {}),
      origin,
      failures: this.letter.failures,
      handled: this.inbox.handled.carried(),
    };
    return continueAsNew<typeof deadLetter>(
      new RawValue(this.record),
      new RawValue(bounded(carried)),
      ...(this.letter.args ?? []).map((payload) => RawValue.fromPayload(payload)),
    );
  }
}

/** What the story may hold behind the end of the letter. */
const AFTER_THE_END: readonly StoryEntry['event'][] = ['replay-skipped', 'refused', 'not-told'];
