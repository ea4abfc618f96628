import { CancellationScope, condition, isCancellation, log, scheduleActivity } from '@temporalio/workflow';
import type { DeadLetterNotice, DeadLetterRecord } from '../../common/dead-letter/record.js';
import type { Letter } from './letter.js';

/** A caller that awaits the letter's outcome waits at most this long for the notification too. */
const PARKED_WAIT = '1 minute';

/**
 * Tells the user's activity of the letter, at least once. The call carries no header of ours, so that the plugin ends
 * none of its retries: the server repeats it until its time is over.
 */
export class Notice {
  /** While the activity is under way. */
  pending = false;

  constructor(
    private readonly record: DeadLetterRecord,
    private readonly isSent: boolean,
    private readonly letter: Letter,
  ) {}

  send(): void {
    const { onDeadLetter } = this.record;
    if (onDeadLetter === undefined || this.isSent) return;
    this.pending = true;
    const { activity, taskQueue } = onDeadLetter;
    scheduleActivity<void>(activity, [noticeOf(this.record)], {
      taskQueue,
      startToCloseTimeout: '1 minute',
      // A limit, so that a notification that always fails does not keep a finished letter open for ever.
      scheduleToCloseTimeout: '1 day',
      summary: 'Tells of this dead letter',
    })
      .catch((error) => this.failed(error, activity, taskQueue))
      .finally(() => {
        this.pending = false;
      });
  }

  /** A letter that closes takes a notice under way with it. */
  async sentBeforeEnd(): Promise<void> {
    if (!this.pending) return;
    if (!this.record.parked) return condition(() => !this.pending);
    if (await condition(() => !this.pending, PARKED_WAIT)) return;
    const { activity, taskQueue } = this.record.onDeadLetter ?? {};
    log.error(FAULT, { activity, taskQueue, error: `nothing came of it within ${PARKED_WAIT}` });
  }

  private failed(error: unknown, activity: string, taskQueue: string): void {
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) return;
    log.error(FAULT, { activity, taskQueue, error });
    this.letter.addToStory({
      event: 'not-told',
      message: `activity ${activity} on task queue ${taskQueue} failed`,
    });
    this.letter.show();
  }
}

const FAULT = 'temporal-recovery: the notification of a dead letter failed';

function noticeOf(record: DeadLetterRecord): DeadLetterNotice {
  const { id, createdAt, queue, operation, activityType, group, error, attemptCount, origin, metadata } =
    record;
  const { stack: _, ...shown } = error;
  return {
    ...{ id, createdAt, queue, operation, activityType, group, error: shown, attemptCount, origin, metadata },
    status: record.held === undefined ? 'WAITING' : 'HELD',
  };
}
