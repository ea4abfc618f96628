import { log, scheduleActivity } from '@temporalio/workflow';
import type { DeadLetterNotice, DeadLetterRecord } from '../../common/dead-letter/record.js';

/** Tells the user's activity of the letter, at least once. */
export class Notice {
  private sending: Promise<void> | undefined;
  /** While the activity is under way. */
  pending = false;

  constructor(
    private readonly record: DeadLetterRecord,
    private readonly isSent: boolean,
  ) {}

  send(): void {
    const { onDeadLetter } = this.record;
    if (onDeadLetter === undefined || this.isSent) return;
    const { activity, taskQueue } = onDeadLetter;
    this.pending = true;
    this.sending = scheduleActivity<void>(activity, [noticeOf(this.record)], {
      taskQueue,
      startToCloseTimeout: '1 minute',
      // An end, so that an alert nobody can take does not keep a finished letter open for ever.
      scheduleToCloseTimeout: '1 day',
      summary: 'Tells of this dead letter',
    }).then(
      () => {
        this.pending = false;
      },
      (error) => {
        this.pending = false;
        log.error('temporal-recovery: nobody could be told of a dead letter', { activity, taskQueue, error });
      },
    );
  }

  async sent(): Promise<void> {
    await this.sending;
  }
}

function noticeOf(record: DeadLetterRecord): DeadLetterNotice {
  const { id, createdAt, queue, operation, activityType, group, error, attemptCount, origin, metadata } =
    record;
  const { stack: _, ...shown } = error;
  return {
    ...{ id, createdAt, queue, operation, activityType, group, error: shown, attemptCount, origin, metadata },
    status: record.held === undefined ? 'WAITING' : 'HELD',
  };
}
