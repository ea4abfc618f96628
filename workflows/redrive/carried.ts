import type { PackedIds } from '../../common/redrive/pack-ids.js';
import type { CarriedTally } from '../../common/redrive/tally.js';
import type { RedriveGroup, RedrivePlan } from '../../common/redrive/types.js';

/** What a redrive hands to its next run. */
export interface CarriedRedrive {
  /** Without its ids, which are in `pending`. */
  readonly plan: RedrivePlan;
  readonly startedAt: string;
  readonly total: number;
  readonly truncated: boolean;
  readonly groups: readonly RedriveGroup[];
  readonly pending: PackedIds;
  readonly running: PackedIds;
  /** Letters that this redrive tried to replay and that a breaker holds since then. */
  readonly turnedAway: PackedIds;
  /** Letters of the canary that were not begun yet; undefined once it is over. */
  readonly canary?: number;
  readonly tally: CarriedTally;
  readonly rate: number;
  readonly pace: { readonly share: number; readonly actualRate: number };
  readonly isPaused: boolean;
  readonly orders: readonly string[];
}
