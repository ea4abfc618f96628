const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;

export interface PacedSenderOptions {
  /** Something is waiting to be sent. */
  hasMore(): boolean;
  /** Sends what has gathered. A rejection keeps it, and is tried again after a growing wait. */
  send(): Promise<void>;
  /** Milliseconds until what gathered during a sending is sent. */
  readonly intervalMs: number;
  fault(error: unknown): void;
  /** Milliseconds; monotonic. */
  clock(): number;
}

/**
 * When a batch that others gather is sent: one at a time, at the earliest time anybody asked for, and again with
 * growing waits where it fails. What is in a batch, and how it stays bounded, is up to who gathers it.
 */
export class PacedSender {
  /** Sendings that failed in a row. */
  failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Number.POSITIVE_INFINITY;
  private sending: Promise<void> | undefined;

  constructor(private readonly options: PacedSenderOptions) {}

  /** Sends within this number of milliseconds. */
  within(ms: number): void {
    const at = this.options.clock() + ms;
    if (this.sending !== undefined || this.timerAt <= at) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => {
      this.timerAt = Number.POSITIVE_INFINITY;
      this.sending = this.send().finally(() => {
        this.sending = undefined;
        if (this.options.hasMore()) this.within(this.failures > 0 ? this.backoff() : this.options.intervalMs);
      });
    }, ms);
    this.timer.unref();
  }

  /** Sends what there is, once. */
  async flush(): Promise<void> {
    this.stop();
    await this.sending;
    await this.send();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timerAt = Number.POSITIVE_INFINITY;
  }

  private async send(): Promise<void> {
    // It may have become pointless while it waited.
    if (!this.options.hasMore()) {
      this.failures = 0;
      return;
    }
    try {
      await this.options.send();
      this.failures = 0;
    } catch (error) {
      this.failures++;
      this.options.fault(error);
    }
  }

  private backoff(): number {
    return Math.min(FIRST_BACKOFF_MS * 2 ** this.failures, MAX_BACKOFF_MS) * (0.5 + Math.random());
  }
}
