/** How long one batch is meant to take: a pause, a new rate or a cancellation is heard after it. */
const BATCH_MS = 2_000;
const MAX_BATCH = 100;
/** Waits longer than this are left to the workflow, so that they can be interrupted. */
const MAX_WAIT_IN_BATCH_MS = 5_000;
/** After a breaker has closed: so much of the rate at first, and twice as much with every batch. */
const SLOW_START = 0.1;
const SMOOTHING = 0.3;

export interface Batch {
  /** Letters. */
  readonly size: number;
  /** Milliseconds from the start of one letter to the next. */
  readonly spacingMs: number;
  /** Milliseconds the batch takes at least. */
  readonly leastMs: number;
  /** Milliseconds to wait after it. */
  readonly pauseMs: number;
}

/** How fast a redrive goes: at most its rate, less after a breaker was open; and the rate it reached. */
export class Pace {
  /** Letters a second that were reached lately. */
  actualRate: number;
  private share: number;

  constructor(
    /** Letters a second. */
    public rate: number,
    carried: { readonly share?: number; readonly actualRate?: number } = {},
  ) {
    this.share = carried.share ?? 1;
    this.actualRate = carried.actualRate ?? 0;
  }

  get effectiveRate(): number {
    return this.rate * this.share;
  }

  nextBatch(): Batch {
    const rate = this.effectiveRate;
    const size = Math.min(MAX_BATCH, Math.max(1, Math.round((rate * BATCH_MS) / 1_000)));
    const spacingMs = 1_000 / rate;
    const wholeMs = size * spacingMs;
    const inBatch = wholeMs <= MAX_WAIT_IN_BATCH_MS;
    return {
      size,
      spacingMs: inBatch ? spacingMs : 0,
      leastMs: inBatch ? wholeMs : 0,
      pauseMs: inBatch ? 0 : wholeMs,
    };
  }

  slowDown(): void {
    this.share = SLOW_START;
  }

  /** @param letters with an outcome, and the milliseconds that they took */
  batchDone(letters: number, ms: number): void {
    this.share = Math.min(1, this.share * 2);
    if (letters === 0 || ms <= 0) return;
    const now = (letters * 1_000) / ms;
    this.actualRate = this.actualRate === 0 ? now : this.actualRate + SMOOTHING * (now - this.actualRate);
  }

  /** Milliseconds; undefined before there is anything to go by. */
  timeLeftMs(letters: number): number | undefined {
    if (letters === 0) return 0;
    const rate = Math.min(this.actualRate, this.rate);
    return rate === 0 ? undefined : Math.round((letters * 1_000) / rate);
  }

  carried(): { readonly share: number; readonly actualRate: number } {
    return { share: this.share, actualRate: this.actualRate };
  }
}
