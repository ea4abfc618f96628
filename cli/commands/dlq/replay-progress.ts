import { StatusLine } from '../../output/status-line.js';
import { longDuration } from '../../output/time.js';

const TICK_MS = 1_000;
/** Most replays are over before; a log shall not have a line for each of those. */
const QUIET_MS = 2_000;

/**
 * Shows on stderr that replays are waited for: on a terminal how many are over and for how long, every second; elsewhere
 * one line, once it takes longer.
 */
export class ReplayProgress {
  private readonly line = new StatusLine(process.stderr);
  private readonly startedAt = Date.now();
  private readonly timer: NodeJS.Timeout;
  private over = 0;

  constructor(private readonly total: number) {
    this.timer = setInterval(() => this.show(), TICK_MS);
  }

  /** Another one is over: `tell` writes how it ended. */
  ended(tell: () => void): void {
    this.over++;
    this.line.clear();
    tell();
  }

  stop(): void {
    clearInterval(this.timer);
    this.line.clear();
  }

  private show(): void {
    const waited = Date.now() - this.startedAt;
    if (this.line.width !== undefined) {
      this.line.show(
        `${this.over} of ${this.total} over, ${longDuration(waited)}; Ctrl-C stops waiting, not the replays`,
      );
    } else if (waited >= QUIET_MS) {
      this.line.show(
        this.total === 1
          ? 'The replay is in flight; Ctrl-C stops waiting, not the replay'
          : `${this.total} replays are in flight; Ctrl-C stops waiting, not the replays`,
      );
    }
  }
}
