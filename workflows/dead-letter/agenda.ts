import { condition, workflowInfo } from '@temporalio/workflow';
import type { DeadLetterRecord } from '../../common/dead-letter/record.js';

interface Carried {
  readonly autoReplays?: number;
  readonly expiresAt?: number;
  readonly nextReplayAt?: number;
}

/** What a letter does at a time of its own: automatic replays, and its end. Times of the workflow's clock. */
export class Agenda {
  private readonly expiresAt: number;
  private nextReplayAt = Number.POSITIVE_INFINITY;
  private autoReplays: number;

  constructor(
    private readonly record: DeadLetterRecord,
    carried: Carried | undefined,
  ) {
    const { retentionMs } = record;
    this.autoReplays = carried?.autoReplays ?? 0;
    this.expiresAt =
      carried?.expiresAt ??
      (retentionMs === undefined
        ? Number.POSITIVE_INFINITY
        : workflowInfo().startTime.getTime() + retentionMs);
    if (carried?.nextReplayAt !== undefined) this.nextReplayAt = carried.nextReplayAt;
    else this.planNext();
  }

  /** Waits until `isReady`, or until something on the agenda is due. */
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

  replayed(): void {
    this.autoReplays++;
    this.nextReplayAt = Number.POSITIVE_INFINITY;
  }

  /** As long as there are delays left: after them the letter waits for a person. */
  planNext(): void {
    const delay = this.record.autoReplay?.delaysMs[this.autoReplays];
    this.nextReplayAt = delay === undefined ? Number.POSITIVE_INFINITY : Date.now() + delay;
  }

  carried(): Carried {
    const finite = (at: number) => (at === Number.POSITIVE_INFINITY ? undefined : at);
    return {
      autoReplays: this.autoReplays,
      expiresAt: finite(this.expiresAt),
      nextReplayAt: finite(this.nextReplayAt),
    };
  }
}
