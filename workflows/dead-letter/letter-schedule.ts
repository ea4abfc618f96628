import { condition, workflowInfo } from '@temporalio/workflow';
import type { DeadLetterRecord } from '../../common/dead-letter/record.js';

interface Carried {
  readonly autoReplays?: number;
  readonly unattended?: number;
  readonly expiresAt?: number;
  readonly nextReplayAt?: number;
}

/** What a letter does at a time of its own: automatic replays, and its end. Times of the workflow's clock. */
export class LetterSchedule {
  private readonly expiresAt: number;
  private nextReplayAt = Number.POSITIVE_INFINITY;
  /** Automatic replays since the letter was written or a person replayed it; the index of the next delay. */
  private autoReplays: number;
  /** Those, and releases by the circuit breaker. */
  private unattended: number;

  constructor(
    private readonly record: DeadLetterRecord,
    carried: Carried | undefined,
  ) {
    const { retentionMs, held } = record;
    this.autoReplays = carried?.autoReplays ?? 0;
    this.unattended = carried?.unattended ?? 0;
    this.expiresAt =
      carried?.expiresAt ??
      (retentionMs === undefined
        ? Number.POSITIVE_INFINITY
        : workflowInfo().startTime.getTime() + retentionMs);
    if (carried !== undefined) this.nextReplayAt = carried.nextReplayAt ?? Number.POSITIVE_INFINITY;
    // What is held is replayed when its breaker closes: only after that is it known what is left to do.
    else if (held === undefined) this.planNext();
  }

  /** Too many replays without a person: the letter waits for one. */
  get isUsedUp(): boolean {
    return this.unattended >= (this.record.autoReplay?.maxReplays ?? Number.POSITIVE_INFINITY);
  }

  /** Waits until `isReady`, or until something on the schedule is due. */
  async wait(isReady: () => boolean): Promise<void> {
    const due = Math.min(this.expiresAt, this.nextReplayAt);
    if (due === Number.POSITIVE_INFINITY) await condition(isReady);
    else if (!isReady() && due > Date.now()) await condition(isReady, due - Date.now());
  }

  isExpired(): boolean {
    return Date.now() >= this.expiresAt;
  }

  isReplayDue(): boolean {
    return Date.now() >= this.nextReplayAt;
  }

  /** An automatic replay starts. */
  automaticReplayStarted(): void {
    this.autoReplays++;
    this.unattended++;
    this.nextReplayAt = Number.POSITIVE_INFINITY;
  }

  /** The circuit breaker let a held letter through. */
  released(): void {
    this.unattended++;
  }

  /** A person replays: all counts start again. */
  resetByPerson(): void {
    this.autoReplays = 0;
    this.unattended = 0;
    this.nextReplayAt = Number.POSITIVE_INFINITY;
  }

  /**
   * Plans the next automatic replay, after one that failed.
   * @returns why the letter is left to a person, where it was not until now
   */
  planNext(): string | undefined {
    const delay = this.record.autoReplay?.delaysMs[this.autoReplays];
    if (delay !== undefined && !this.isUsedUp) {
      this.nextReplayAt = Date.now() + delay;
      return undefined;
    }
    this.nextReplayAt = Number.POSITIVE_INFINITY;
    if (!this.isUsedUp && this.autoReplays === 0) return undefined;
    const times = this.unattended === 1 ? 'one replay' : `${this.unattended} replays`;
    return `After ${times} without a person it needs a decision; a replay by a person restarts the count`;
  }

  carried(): Carried {
    const finite = (at: number) => (at === Number.POSITIVE_INFINITY ? undefined : at);
    return {
      autoReplays: this.autoReplays,
      unattended: this.unattended,
      expiresAt: finite(this.expiresAt),
      nextReplayAt: finite(this.nextReplayAt),
    };
  }
}
