import { addOrigin, type OriginCounts } from '../dead-letter/origin-status.js';
import { beginning } from '../text/text.js';
import type { LetterOutcome, OutcomeCounts } from './types.js';

/** Outcomes a report lists of a redrive that is larger; then only those that did not go well. */
const MAX_LISTED = 1_000;
const MAX_TROUBLE = 500;
const MAX_PROBLEMS_SHOWN = 20;
const MAX_MESSAGE = 200;
/** A share of fewer letters says nothing. */
const LEAST_LETTERS_FOR_SHARE = 10;

const COUNTED = {
  REPLAYED: 'replayed',
  RESOLVED: 'resolved',
  DISCARDED: 'discarded',
  FAILED: 'failed',
  SKIPPED: 'skipped',
  HELD: 'held',
} as const satisfies Record<LetterOutcome['outcome'], keyof OutcomeCounts>;

const NONE: OutcomeCounts = { replayed: 0, resolved: 0, discarded: 0, failed: 0, skipped: 0, held: 0 };

export interface CarriedTally {
  readonly counts: OutcomeCounts;
  readonly listed: readonly LetterOutcome[];
  /** Versions before 0.5.0 did not count them. */
  readonly origins?: OriginCounts;
}

/** What became of the letters of a redrive, bounded however many they are. */
export class Tally {
  private counted: OutcomeCounts;
  private byOrigin: OriginCounts;
  private readonly listed: LetterOutcome[];

  constructor(
    private readonly total: number,
    carried: CarriedTally = { counts: NONE, listed: [] },
  ) {
    this.counted = carried.counts;
    this.listed = [...carried.listed];
    this.byOrigin = carried.origins ?? {};
  }

  get counts(): OutcomeCounts {
    return this.counted;
  }

  /** Letters by what became of their origins. */
  get origins(): OriginCounts {
    return this.byOrigin;
  }

  get done(): number {
    return Object.values(this.counted).reduce((sum, count) => sum + count, 0);
  }

  add(outcome: LetterOutcome): void {
    this.count(outcome, 1);
    if (outcome.origin !== undefined) this.byOrigin = addOrigin(this.byOrigin, outcome.origin);
    const isTrouble =
      outcome.outcome === 'FAILED' || outcome.outcome === 'SKIPPED' || outcome.outcome === 'HELD';
    const isListed = this.total <= MAX_LISTED || (isTrouble && this.listed.length < MAX_TROUBLE);
    if (isListed) this.listed.push(shortened(outcome));
  }

  /** Of a letter that was held and is not any more. */
  settle(outcome: LetterOutcome): void {
    if (outcome.outcome === 'HELD') return;
    this.count({ ...outcome, outcome: 'HELD' }, -1);
    this.count(outcome, 1);
    const index = this.listed.findIndex(({ id }) => id === outcome.id);
    if (index >= 0) this.listed[index] = shortened(outcome);
  }

  /** Share of those that failed among those that were carried out, from 0 to 1; 0 for too few to tell. */
  get failureShare(): number {
    const { replayed, resolved, discarded, failed } = this.counted;
    const all = replayed + resolved + discarded + failed;
    return all < LEAST_LETTERS_FOR_SHARE ? 0 : failed / all;
  }

  outcomes(): readonly LetterOutcome[] {
    return this.listed;
  }

  problems(): LetterOutcome[] {
    return this.listed
      .filter(({ outcome }) => outcome === 'FAILED' || outcome === 'SKIPPED')
      .slice(-MAX_PROBLEMS_SHOWN);
  }

  carried(): CarriedTally {
    return { counts: this.counted, listed: this.listed, origins: this.byOrigin };
  }

  private count({ outcome }: LetterOutcome, by: number): void {
    const name = COUNTED[outcome];
    this.counted = { ...this.counted, [name]: this.counted[name] + by };
  }
}

function shortened({ id, outcome, message, origin }: LetterOutcome): LetterOutcome {
  return {
    ...{ id, outcome },
    ...(message === undefined ? {} : { message: beginning(message, MAX_MESSAGE) }),
    ...(origin === undefined ? {} : { origin }),
  };
}
