import type { OriginSeen } from '../../common/dead-letter/origin-status.js';
import type { DeadLetterStatus, RequestOutcome, StoryEntry } from '../../common/dead-letter/record.js';

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
  /** The last look at the origin. */
  readonly origin?: OriginSeen;
  /** What came of requests with an id. */
  readonly handled?: Readonly<Record<string, RequestOutcome>>;
}
