import type { Origin } from './dead-letter/record.js';

/** Content of the call header. Its presence says: somebody will catch the work when retries end. */
export interface CallHeader {
  readonly v: 1;
  /** The call sets its own retry intervals, which are then kept. */
  readonly ownIntervals?: boolean;
  /** In a replay: the call that was dead-lettered. */
  readonly origin?: Origin;
  readonly deadLetterId?: string;
}
