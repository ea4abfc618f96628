import type { GuardedCall } from '../../activities/failing-call/breaker-guard.js';
import type { WaitingActivity } from '../../client/waiting/wake-activity.js';

interface Waiting {
  readonly call: GuardedCall;
  readonly activity: WaitingActivity;
  readonly until: number;
}

/** Who comes back sooner need not be woken. */
const WORTH_WAKING_MS = 3_000;
/** Calls that are remembered, of all breakers of a process; of more, those that wait longest come at their time. */
const MAX_CALLS = 10_000;
/** Requests at the same time, and the pause between two rounds: about three hundred calls a second. */
const AT_ONCE = 40;
const PAUSE_MS = 100;

/**
 * Calls of one breaker that this worker has rejected. When the breaker lets calls pass again they are woken: an update of
 * a waiting activity's options makes the server plan its next attempt again, from its own backoff, which is short.
 */
export class WaitingCalls {
  private readonly calls = new Map<string, Waiting>();
  private isWaking = false;
  /** Calls were freed while others were woken. */
  private mustLookAgain = false;

  constructor(
    private readonly wake: (activity: WaitingActivity) => Promise<void>,
    private readonly clock: () => number,
  ) {}

  get size(): number {
    return this.calls.size;
  }

  add(call: GuardedCall, retryInMs: number): void {
    const { executionId, activity } = call;
    if (activity === undefined || retryInMs < WORTH_WAKING_MS || this.calls.size >= MAX_CALLS) return;
    this.calls.set(executionId, { call, activity, until: this.clock() + retryInMs });
  }

  delete(executionId: string): void {
    this.calls.delete(executionId);
  }

  /**
   * Wakes all, as long as calls may pass. Never throws: who is not woken comes at its time.
   * @param isHeld whether a call waits for something else as well
   * @param most that are woken, those first that came first
   */
  async wakeAll(
    mayPass: () => boolean,
    isHeld: (call: GuardedCall) => boolean,
    most = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    this.mustLookAgain = true;
    if (this.isWaking) return;
    this.isWaking = true;
    let woken = 0;
    try {
      while (this.mustLookAgain) {
        this.mustLookAgain = false;
        const left = [...this.calls.entries()];
        while (left.length > 0 && woken < most && mayPass()) {
          const batch = this.takeFrom(left, isHeld, Math.min(AT_ONCE, most - woken));
          woken += batch.length;
          await Promise.all(batch.map(({ activity }) => this.wake(activity)));
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
        }
      }
    } finally {
      this.isWaking = false;
    }
  }

  /** The next batch; what is left gets shorter. */
  private takeFrom(
    left: [string, Waiting][],
    isHeld: (call: GuardedCall) => boolean,
    most: number,
  ): Waiting[] {
    const now = this.clock();
    const batch: Waiting[] = [];
    let looked = 0;
    for (const [executionId, waiting] of left) {
      looked++;
      if (this.calls.get(executionId) !== waiting || isHeld(waiting.call)) continue;
      this.calls.delete(executionId);
      if (waiting.until - now >= WORTH_WAKING_MS) batch.push(waiting);
      if (batch.length === most) break;
    }
    left.splice(0, looked);
    return batch;
  }
}
