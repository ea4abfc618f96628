import {
  ApplicationFailure,
  defaultPayloadConverter,
  type Payload,
  RawValue,
  rawValueTypeInfo,
} from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineWorkflowOptions,
  isCancellation,
  patched,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { memoOf } from '../../common/dead-letter/memo.js';
import type {
  DeadLetterRecord,
  DeadLetterStatus,
  RequestOutcome,
  StoryEntry,
} from '../../common/dead-letter/record.js';
import { inline } from '../../common/markdown.js';
import { Agenda } from './agenda.js';
import { HeldCall } from './held-call.js';
import { Inbox } from './inbox.js';
import type { ParsedRequest } from './input.js';
import { Letter, now } from './letter.js';
import { Notice } from './notice.js';
import { parkedResult } from './parked-result.js';
import { type ReplayMode, runAgain } from './replay-call.js';
import { describeReplayFailure, openBreakerOf } from './replay-failure.js';
import { TransformError, transformArguments } from './transform.js';

/** What a letter hands to its next run. Its arguments follow as raw inputs. */
export interface CarriedOver {
  readonly story: readonly StoryEntry[];
  readonly replays: number;
  readonly requests: number;
  readonly status?: DeadLetterStatus;
  readonly autoReplays?: number;
  readonly unattended?: number;
  /** Milliseconds since the epoch, of the server's clock. */
  readonly expiresAt?: number;
  readonly nextReplayAt?: number;
  readonly noticeSent?: boolean;
  /** What came of requests with an id. */
  readonly handled?: Readonly<Record<string, RequestOutcome>>;
}

/** How a letter ended. */
export interface DeadLetterOutcome {
  readonly status: DeadLetterStatus;
  readonly by?: string;
  readonly reason?: string;
  readonly replays: number;
  /** Result of the successful replay or of `resolve`, where it can be shown as JSON. */
  readonly result?: unknown;
}

/** Room under the server's limit of 2 MB for the record beside the arguments at continue-as-new. */
const MAX_CARRIED_BYTES = 1_500_000;
const MAX_EVENTS_WITHOUT_CARRY = 40_000;
/** Patch: a letter that was turned away with edited arguments stays what it was. */
const EDITED_STAYS = 'temporal-recovery/edited-stays';
/** Less than an update waits for its outcome. */
const ARGUMENTS_WAIT = '15s';

/** The request of a replay that nobody asked for. */
const AUTOMATIC = { by: 'automatic replay' } as const;

/** A failed activity, kept until it is replayed, resolved, discarded or expired. */
export async function deadLetter(
  record: DeadLetterRecord,
  carried?: CarriedOver | null,
  ...carriedArgs: RawValue[]
): Promise<DeadLetterOutcome | RawValue> {
  // Somebody may start this workflow by hand; without a record there is nothing to keep, and no page to show.
  if (typeof record !== 'object' || record === null || record.version !== 1) {
    throw ApplicationFailure.nonRetryable('The input is no record of a dead letter', 'NoDeadLetter');
  }
  return new DeadLetter(record, carried ?? undefined, carriedArgs).live();
}

defineWorkflowOptions(deadLetter, {
  staticOptions: {
    typeInfo: { inputTypes: [{}, {}, ...new Array(4096).fill(rawValueTypeInfo)] },
  },
});

class DeadLetter {
  private readonly letter: Letter;
  private readonly inbox: Inbox;
  private readonly agenda: Agenda;
  private readonly notice: Notice;
  private heldCall: HeldCall | undefined;
  /** The result of the replay, or the one given by `resolve`. */
  private result: RawValue | undefined;

  constructor(
    private readonly record: DeadLetterRecord,
    carried: CarriedOver | undefined,
    carriedArgs: readonly RawValue[],
  ) {
    const initial = record.held === undefined ? 'WAITING' : 'HELD';
    this.letter = new Letter(record, carried, carried?.status ?? initial);
    // A parked letter has its arguments in its input, where they fit.
    const hasArgs = carried !== undefined || (record.parked && carriedArgs.length === record.argumentCount);
    if (hasArgs) this.letter.args = carriedArgs.map(({ payload }) => payload);
    if (carried === undefined && record.held !== undefined) this.letter.tell(heldBy(record.held.breaker));
    this.inbox = new Inbox(this.letter, carried?.requests ?? 0, carried?.handled);
    this.agenda = new Agenda(record, carried);
    this.notice = new Notice(record, carried?.noticeSent ?? false, this.letter);
    // Of a letter that no client started, the list knows only what it tells itself.
    if (record.parked && carried === undefined) upsertMemo(memoOf(record));
  }

  async live(): Promise<DeadLetterOutcome | RawValue> {
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
      }
      throw error;
    }
    await this.close();
    await condition(allHandlersFinished);
    return this.record.parked ? parkedResult(this.outcome(), this.result) : this.outcome();
  }

  /** A letter that closes takes its notice along: until that is sent, requests are told that they come too late. */
  private async close(): Promise<void> {
    let isSent = false;
    await CancellationScope.nonCancellable(async () => {
      void this.notice.sentBeforeEnd().then(() => {
        isSent = true;
      });
      do {
        await condition(() => isSent || this.inbox.next !== undefined);
        while (this.inbox.next !== undefined) this.inbox.answer(this.skip(this.inbox.next));
        this.letter.show();
      } while (!isSent);
    });
  }

  /** Waits for the next thing to happen and does it. */
  private async step(): Promise<never | undefined> {
    if (this.letter.status === 'HELD' && this.heldCall === undefined && this.agenda.isUsedUp) {
      this.waitForPerson();
    } else if (this.letter.status === 'HELD' && this.letter.args !== undefined) {
      // Only a letter that has just been written waits first: after that it is known whether there is an outage.
      const afterMs = this.letter.replays === 0 ? this.record.held?.afterMs : undefined;
      this.heldCall ??= new HeldCall(this.record, this.letter.args, afterMs);
    }
    await this.agenda.wait(
      () => this.inbox.next !== undefined || this.heldCall?.ended === true || this.shouldContinueAsNew(),
    );
    const request = this.inbox.next;
    if (request !== undefined) {
      const outcome = await this.handle(request);
      if (this.letter.isFinal && outcome.outcome !== 'SKIPPED')
        this.letter.endedBy = request.request.requestId;
      this.inbox.answer(outcome);
    } else if (this.heldCall?.ended) {
      this.endHeldCall();
    } else if (this.agenda.isExpired()) {
      await this.stopHeldCall();
      if (!this.letter.isFinal) this.letter.expire();
    } else if (this.agenda.isReplayDue()) {
      this.agenda.replays();
      const { outcome } = await this.replay({ request: AUTOMATIC, args: undefined });
      if (outcome === 'SKIPPED') this.planNext();
    } else if (this.shouldContinueAsNew()) {
      return this.carryOver();
    }
    this.letter.show();
    return undefined;
  }

  private async handle(parsed: ParsedRequest): Promise<RequestOutcome> {
    const { by, reason } = parsed.request;
    if (parsed.kind === 'replay') return parsed.request.dryRun ? this.preview(parsed) : this.replay(parsed);
    await this.stopHeldCall();
    if (this.letter.isFinal) return this.skip(parsed);
    if (parsed.kind === 'resolve') {
      this.result = new RawValue(parsed.request.result);
      this.letter.finish('RESOLVED', { event: 'resolved', by, reason });
      return { outcome: 'RESOLVED', status: this.letter.status };
    }
    this.letter.finish('DISCARDED', { event: 'discarded', by, reason });
    return { outcome: 'DISCARDED', status: this.letter.status };
  }

  private async replay({
    request,
    args,
  }: Pick<ParsedRequest & { kind: 'replay' }, 'request' | 'args'>): Promise<RequestOutcome> {
    const { by, reason, force, transform } = request;
    if (this.isFull()) {
      const message =
        'Too many replays for arguments of this size; start the work anew and resolve this letter.';
      this.letter.tell({ event: 'replay-skipped', by, reason, message });
      return { outcome: 'SKIPPED', status: this.letter.status, message };
    }
    const edited = args !== undefined || transform !== undefined;
    if (this.letter.status === 'HELD' && !force && !edited) {
      const message =
        'The letter waits for its circuit breaker and is replayed when that closes; send force to try now';
      this.letter.tell({ event: 'held', by, reason, message });
      return { outcome: 'HELD', status: this.letter.status, message };
    }
    if (args === undefined && !(await this.hasArguments())) {
      const message = 'The arguments of the activity never arrived; send all of them as args';
      this.letter.tell({ event: 'replay-skipped', by, reason, message });
      return { outcome: 'SKIPPED', status: this.letter.status, message };
    }
    await this.stopHeldCall();
    if (this.letter.isFinal) return this.skip({ kind: 'replay', request, args });
    const made = await this.argumentsOf({ request, args });
    if (made instanceof TransformError) {
      const { message } = made;
      this.letter.tell({ event: 'replay-skipped', by, reason, message });
      return { outcome: 'SKIPPED', status: this.letter.status, message };
    }
    if (request !== AUTOMATIC) this.agenda.takenOver();
    const before = this.letter.status;
    this.letter.replays++;
    this.letter.setStatus('REPLAYING');
    this.letter.tell({
      event: 'replay-started',
      by,
      reason,
      edited,
      editedArgs: edited ? this.letter.previewOf(made) : undefined,
    });
    this.letter.show();
    try {
      const { replays } = this.letter;
      const title = `Replay ${replays}${by === undefined ? '' : ` by ${inline(by, 100)}`}`;
      const mode: ReplayMode = force ? 'force' : 'once';
      this.result = await runAgain(this.record, made, title, mode);
      this.letter.finish('REPLAYED', { event: 'replay-succeeded', by, reason, edited });
      return { outcome: 'REPLAYED', status: this.letter.status };
    } catch (error) {
      if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
      return this.replayFailed(error, by, edited, before);
    }
  }

  /** What a replay with such a request would be called with; nothing is done. */
  private async preview(parsed: ParsedRequest & { kind: 'replay' }): Promise<RequestOutcome> {
    const { status } = this.letter;
    if (!(await this.hasArguments())) {
      return { outcome: 'SKIPPED', status, message: 'The arguments of the activity never arrived' };
    }
    const made = await this.argumentsOf(parsed);
    const before = this.letter.preview(this.letter.args ?? []);
    if (made instanceof TransformError) return { outcome: 'SKIPPED', status, before, message: made.message };
    return { outcome: 'PREVIEW', status, before, after: this.letter.preview(made) };
  }

  private async argumentsOf({
    request,
    args,
  }: Pick<ParsedRequest & { kind: 'replay' }, 'request' | 'args'>): Promise<
    readonly Payload[] | TransformError
  > {
    const original = this.letter.args ?? [];
    if (request.transform === undefined) return args ?? original;
    try {
      return await transformArguments(this.record, original, request.transform);
    } catch (error) {
      if (error instanceof TransformError) return error;
      throw error;
    }
  }

  /** They come with the start of a letter; only those of a parked one that are too large for that come right after. */
  private async hasArguments(): Promise<boolean> {
    if (this.letter.args !== undefined) return true;
    return condition(() => this.letter.args !== undefined, ARGUMENTS_WAIT);
  }

  private replayFailed(
    error: unknown,
    by: string | undefined,
    edited: boolean,
    before: DeadLetterStatus,
  ): RequestOutcome {
    const breaker = openBreakerOf(error);
    if (breaker !== undefined) {
      const held = heldBy(breaker);
      // Edited arguments are not kept: a letter that is held is replayed as it was.
      const message = edited
        ? `Turned away by circuit breaker "${breaker}"; send the arguments again with force, or when it has closed`
        : held.message;
      // Who edits the arguments does not want it replayed as it was.
      this.letter.setStatus(edited && patched(EDITED_STAYS) ? before : 'HELD');
      this.letter.tell(edited ? { event: 'replay-failed', by, edited, message } : held);
      return { outcome: 'HELD', status: this.letter.status, message, breaker };
    }
    const failure = describeReplayFailure(error, this.record, now());
    this.letter.setStatus('WAITING');
    this.letter.tell({ event: 'replay-failed', by, edited, ...failure });
    this.planNext();
    return { outcome: 'FAILED', status: this.letter.status, message: failure.message };
  }

  /** What came of the call that waited for the breaker. */
  private endHeldCall(): void {
    const call = this.heldCall;
    this.heldCall = undefined;
    if (call?.outcome === undefined) return;
    this.letter.replays++;
    if ('result' in call.outcome) {
      this.result = call.outcome.result;
      this.letter.finish('REPLAYED', { event: 'replay-succeeded', by: 'circuit breaker' });
    } else if (!isCancellation(call.outcome.error)) {
      const failure = describeReplayFailure(call.outcome.error, this.record, now());
      this.letter.setStatus('WAITING');
      this.letter.tell({ event: 'replay-failed', by: 'circuit breaker', ...failure });
      this.agenda.released();
      this.planNext();
    }
  }

  private planNext(): void {
    const message = this.agenda.planNext();
    if (message !== undefined) this.letter.tell({ event: 'gave-up', message });
  }

  /** A letter that comes back held again and again does not go on so for ever. */
  private waitForPerson(): void {
    this.letter.setStatus('WAITING');
    this.planNext();
    this.letter.show();
  }

  /** Before anything else is done with the letter; should the call end well meanwhile, so does the letter. */
  private async stopHeldCall(): Promise<void> {
    if (this.heldCall === undefined) return;
    await this.heldCall.stop();
    this.endHeldCall();
  }

  private skip({ kind, request }: ParsedRequest): RequestOutcome {
    const message = `The letter was ${this.letter.status} already; ${kind} did nothing`;
    this.letter.tell({ event: 'replay-skipped', by: request.by, reason: request.reason, message });
    return { outcome: 'SKIPPED', status: this.letter.status, message };
  }

  private outcome(): DeadLetterOutcome {
    const { status, story, replays } = this.letter;
    const { by, reason } = story.findLast(({ event }) => !AFTER_THE_END.includes(event)) ?? {};
    return { status, by, reason, replays, result: showable(this.result) };
  }

  private canCarryOver(): boolean {
    const bytes = (this.letter.args ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
    return this.letter.args !== undefined && bytes <= MAX_CARRIED_BYTES;
  }

  private shouldContinueAsNew(): boolean {
    return (
      workflowInfo().continueAsNewSuggested &&
      this.heldCall === undefined &&
      !this.notice.pending &&
      this.canCarryOver() &&
      allHandlersFinished()
    );
  }

  private isFull(): boolean {
    return workflowInfo().historyLength > MAX_EVENTS_WITHOUT_CARRY;
  }

  private carryOver(): Promise<never> {
    const { story, replays, status } = this.letter;
    const carried: CarriedOver = {
      ...{ story, replays, status, requests: this.inbox.received },
      ...this.agenda.carried(),
      noticeSent: true,
      handled: this.inbox.handled.carried(),
    };
    return continueAsNew<typeof deadLetter>(
      this.record,
      carried,
      ...(this.letter.args ?? []).map((payload) => RawValue.fromPayload(payload)),
    );
  }
}

/** What the story may hold behind the end of the letter. */
const AFTER_THE_END: readonly StoryEntry['event'][] = ['replay-skipped', 'refused', 'not-told'];

function heldBy(breaker: string): Omit<StoryEntry, 'at'> & { message: string } {
  return { event: 'held', message: `Waits for circuit breaker "${breaker}" and is replayed when it closes` };
}

function showable(value: RawValue | undefined): unknown {
  if (value === undefined) return undefined;
  try {
    const decoded = defaultPayloadConverter.fromPayload(value.payload);
    return JSON.stringify(decoded).length <= 100_000 ? decoded : '(too large to show)';
  } catch {
    return '(in a format only the worker of the activity can read)';
  }
}
