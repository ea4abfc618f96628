import type { Payload, RawValue } from '@temporalio/common';
import { CancellationScope, condition, isCancellation, patched } from '@temporalio/workflow';
import type {
  DeadLetterRecord,
  DeadLetterStatus,
  RequestOutcome,
  StoryEntry,
} from '../../common/dead-letter/record.js';
import { inline } from '../../common/text/markdown.js';
import { nextTask } from '../sdk/next-task.js';
import { HeldCall } from './held-call.js';
import type { ParsedRequest } from './input.js';
import { type Letter, nowIso } from './letter.js';
import type { LetterSchedule } from './letter-schedule.js';
import { lookAtOrigin } from './look-at-origin.js';
import { type ReplayMode, runAgain } from './replay-call.js';
import { describeReplayFailure, openBreakerOf } from './replay-failure.js';
import { argumentsProblem, historyProblem } from './size-limits.js';
import { editsStay, TransformError, transformArguments } from './transform.js';

/** Patch: a letter with edited arguments that a breaker rejects stays what it was. */
const EDITED_STAYS = 'temporal-recovery/edited-stays';
/** Patch: it waits for a person, also where it was held before. */
const EDITED_WAITS = 'temporal-recovery/edited-waits';
/** Patch: a held call that was stopped before the breaker let it through is no replay. */
const STOPPED_IS_NO_REPLAY = 'temporal-recovery/stopped-is-no-replay';
/** Patch: before a replay it is looked at what became of the workflow the letter came from. */
const LOOKS_AT_ORIGIN = 'temporal-recovery/looks-at-origin';
/** Less than an update waits for its outcome. */
const ARGUMENTS_WAIT = '15s';

/** The request of an automatic replay. */
const AUTOMATIC = { by: 'automatic replay' } as const;

type ReplayOrder = Pick<ParsedRequest & { kind: 'replay' }, 'request' | 'args'>;

/** The replays of a letter: those that are asked for, those of its schedule, and the one that waits for its breaker. */
export class Replayer {
  /** Of the replay that succeeded, or the one given by `resolve`. */
  result: RawValue | undefined;
  private heldCall: HeldCall | undefined;
  /** The request that found the breaker open, whose replay it is when the breaker lets it through. */
  private heldFor: string | undefined;
  constructor(
    private readonly record: DeadLetterRecord,
    private readonly letter: Letter,
    private readonly schedule: LetterSchedule,
    /** A replay was asked for, by a person or by `autoReplay`, and found its breaker open. */
    public wasAskedFor: boolean,
  ) {}

  /** The call of a letter that is held waits for its breaker; one that was held too often waits for a person. */
  hold(): void {
    if (this.letter.status !== 'HELD') return;
    if (this.heldCall === undefined && this.schedule.isUsedUp) {
      this.waitForPerson();
    } else if (this.letter.args !== undefined) {
      // Only a letter that has just been written waits first: after that it is known whether there is an outage.
      const afterMs = this.letter.replays === 0 ? this.record.held?.afterMs : undefined;
      this.heldCall ??= new HeldCall(this.record, this.letter.args, {
        ...{ afterMs, asked: this.isAsked },
        before: () => (patched(LOOKS_AT_ORIGIN) ? this.look() : undefined),
      });
    }
  }

  /** Letters from before 0.5.0 may be held without a waiting caller and without a request: workers reject their call. */
  private get isAsked(): boolean {
    return this.record.parked === true || this.record.autoRelease === true || this.wasAskedFor;
  }

  private async look(): Promise<void> {
    // Items of a `DeadLetterQueue` come from no workflow.
    if (this.record.origin.scheduledEventId === 0) return;
    this.letter.origin = await lookAtOrigin(this.record.origin);
  }

  /** An edit writes into history whether it could be done, which a replay must find in the same workflow task. */
  private async lookBefore({ transform }: ReplayOrder['request']): Promise<void> {
    const edits = transform?.patch !== undefined && editsStay();
    await this.look();
    if (edits) await nextTask();
  }

  get isHolding(): boolean {
    return this.heldCall !== undefined;
  }

  /** The breaker has let the held call through, and it has ended. */
  get isReleased(): boolean {
    return this.heldCall?.ended === true;
  }

  /** As the schedule says. */
  async replayByItself(): Promise<void> {
    this.schedule.automaticReplayStarted();
    const { outcome } = await this.replay({ request: AUTOMATIC, args: undefined });
    if (outcome === 'SKIPPED') this.planNext();
  }

  replay(order: ReplayOrder): Promise<RequestOutcome> {
    return patched(LOOKS_AT_ORIGIN) ? this.lookAndReplay(order) : this.carryOut(order, true);
  }

  private async lookAndReplay(order: ReplayOrder): Promise<RequestOutcome> {
    await this.lookBefore(order.request);
    const { by, reason, skipOrigins } = order.request;
    const { origin } = this.letter;
    if (origin === undefined || !skipOrigins?.includes(origin.status)) {
      const outcome = await this.carryOut(order, this.isAsked);
      return { ...outcome, ...this.letter.seen };
    }
    const message = `The workflow it came from is ${origin.status}, and such letters are to be skipped`;
    this.letter.addToStory({ event: 'replay-skipped', by, reason, message, ...this.letter.seen });
    return { outcome: 'SKIPPED', status: this.letter.status, message, ...this.letter.seen };
  }

  /** @param waits a letter that is held goes on waiting for its breaker */
  private async carryOut({ request, args }: ReplayOrder, waits: boolean): Promise<RequestOutcome> {
    const { by, reason, force, transform } = request;
    const tooLong = historyProblem();
    if (tooLong !== undefined) return this.skipped(request, tooLong);
    const edited = args !== undefined || transform !== undefined;
    if (this.letter.status === 'HELD' && !force && !edited && waits) {
      const message =
        'The letter waits for its circuit breaker and is replayed when that closes; send force to try now';
      this.letter.addToStory({ event: 'held', by, reason, message });
      this.heldFor = request.requestId;
      this.wasAskedFor = true;
      return { outcome: 'HELD', status: this.letter.status, message };
    }
    if (args === undefined && !(await this.hasArguments())) {
      return this.skipped(request, 'The arguments of the activity never arrived; send all of them as args');
    }
    await this.stopHeldCall();
    if (this.letter.isFinal) return this.letter.skip({ kind: 'replay', request, args });
    const made = await this.argumentsOf({ request, args });
    if (made instanceof TransformError) return this.skipped(request, made.message);
    if (request !== AUTOMATIC) this.schedule.resetByPerson();
    const before = this.letter.status;
    this.letter.replays++;
    this.letter.setStatus('REPLAYING');
    this.letter.addToStory({
      event: 'replay-started',
      by,
      reason,
      edited,
      editedArgs: edited ? this.letter.previewOf(made) : undefined,
      ...this.letter.seen,
    });
    this.letter.show();
    try {
      const { replays } = this.letter;
      const title = `Replay ${replays}${by === undefined ? '' : ` by ${inline(by, 100)}`}`;
      const mode: ReplayMode = force ? 'force' : 'once';
      this.result = await runAgain(this.record, made, title, mode);
      this.letter.replayEnded('REPLAYED');
      this.letter.finish('REPLAYED', { event: 'replay-succeeded', by, reason, edited });
      return { outcome: 'REPLAYED', status: this.letter.status };
    } catch (error) {
      if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
      return this.replayFailed(error, request, edited, before);
    }
  }

  /** Nothing is done, and the letter stays what it is. */
  private skipped({ by, reason }: ReplayOrder['request'], message: string): RequestOutcome {
    this.letter.addToStory({ event: 'replay-skipped', by, reason, message });
    return { outcome: 'SKIPPED', status: this.letter.status, message };
  }

  /** What a replay with such a request would be called with; nothing is done. */
  async preview(parsed: ParsedRequest & { kind: 'replay' }): Promise<RequestOutcome> {
    if (patched(LOOKS_AT_ORIGIN)) await this.lookBefore(parsed.request);
    const { status, seen } = this.letter;
    if (!(await this.hasArguments())) {
      return { outcome: 'SKIPPED', status, message: 'The arguments of the activity never arrived', ...seen };
    }
    const made = await this.argumentsOf(parsed);
    const before = this.letter.preview(this.letter.args ?? []);
    if (made instanceof TransformError)
      return { outcome: 'SKIPPED', status, before, message: made.message, ...seen };
    return { outcome: 'PREVIEW', status, before, after: this.letter.preview(made), ...seen };
  }

  private async argumentsOf({ request, args }: ReplayOrder): Promise<readonly Payload[] | TransformError> {
    const original = this.letter.args ?? [];
    if (request.transform === undefined && args === undefined) return original;
    try {
      const made =
        request.transform === undefined
          ? (args ?? original)
          : await transformArguments(this.record, original, request.transform);
      const problem = argumentsProblem(made, original);
      return problem === undefined ? made : new TransformError(problem);
    } catch (error) {
      // A message of the user's activity, which goes to the author of the request.
      if (error instanceof TransformError) return new TransformError(this.letter.clean(error.message));
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
    { by, requestId }: ReplayOrder['request'],
    edited: boolean,
    before: DeadLetterStatus,
  ): RequestOutcome {
    const breaker = openBreakerOf(error);
    if (breaker !== undefined) {
      this.letter.replayEnded('HELD');
      const held = heldBy(breaker);
      // Edited arguments are not kept: a letter that is held is replayed as it was.
      const message = edited
        ? `Rejected by circuit breaker "${breaker}"; send the arguments again with force, or when it has closed`
        : held.message;
      // Who edits the arguments does not want it replayed as it was.
      const waits = edited && patched(EDITED_WAITS);
      this.letter.setStatus(waits ? 'WAITING' : edited && patched(EDITED_STAYS) ? before : 'HELD');
      this.letter.breaker = breaker;
      this.letter.addToStory(edited ? { event: 'replay-failed', by, edited, message } : held);
      if (waits) this.planNext();
      else {
        this.heldFor = requestId;
        this.wasAskedFor = true;
      }
      return { outcome: 'HELD', status: this.letter.status, message, breaker };
    }
    const failure = describeReplayFailure(error, this.record, nowIso());
    this.letter.replayEnded('FAILED');
    this.letter.setStatus('WAITING');
    this.letter.addToStory({ event: 'replay-failed', by, edited, ...failure });
    this.planNext();
    return { outcome: 'FAILED', status: this.letter.status, message: failure.message };
  }

  /** Handles the outcome of the call that waited for the breaker. */
  endHeldCall(): void {
    const call = this.heldCall;
    this.heldCall = undefined;
    if (call?.outcome === undefined) return;
    const error = 'error' in call.outcome ? call.outcome.error : undefined;
    if (!call.saysAsked && openBreakerOf(error) !== undefined) {
      this.callRefused();
      return;
    }
    const isStopped = isCancellation(error);
    if (!isStopped || !patched(STOPPED_IS_NO_REPLAY)) this.letter.replays++;
    if ('result' in call.outcome) {
      this.letter.endedBy = this.heldFor;
      this.result = call.outcome.result;
      this.letter.replayEnded('REPLAYED');
      this.letter.finish('REPLAYED', {
        ...{ event: 'replay-succeeded', by: 'circuit breaker' },
        ...this.letter.seen,
      });
    } else if (!isStopped) {
      this.letter.replayEnded('FAILED');
      const failure = describeReplayFailure(call.outcome.error, this.record, nowIso());
      this.letter.setStatus('WAITING');
      this.letter.addToStory({
        ...{ event: 'replay-failed', by: 'circuit breaker' },
        ...failure,
        ...this.letter.seen,
      });
      this.schedule.released();
      this.planNext();
    }
  }

  /**
   * A worker of 0.5.0 refused a call that an older version had scheduled without saying whether somebody asked for it.
   * Where somebody did, the letter stays held, and its next call says so.
   */
  private callRefused(): void {
    if (this.isAsked) return;
    const breaker = this.letter.breaker ?? 'unknown';
    this.letter.setStatus('WAITING');
    this.letter.addToStory({
      event: 'replay-skipped',
      message: `It was held for circuit breaker "${breaker}" by a version before 0.5.0. Since 0.5.0 a letter is replayed only on request, and there was none`,
    });
    this.planNext();
  }

  private planNext(): void {
    const message = this.schedule.planNext();
    if (message !== undefined) this.letter.addToStory({ event: 'gave-up', message });
  }

  /** A letter that comes back held again and again does not go on so for ever. */
  private waitForPerson(): void {
    this.letter.setStatus('WAITING');
    this.planNext();
    this.letter.show();
  }

  /** Before anything else is done with the letter; should the call end well meanwhile, so does the letter. */
  async stopHeldCall(): Promise<void> {
    if (this.heldCall === undefined) return;
    await this.heldCall.stop();
    this.endHeldCall();
  }
}

export function heldBy(breaker: string): Omit<StoryEntry, 'at'> & { message: string } {
  return { event: 'held', message: `Waits for circuit breaker "${breaker}" and is replayed when it closes` };
}
