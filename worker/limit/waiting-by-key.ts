import type { LimitedAttempt } from '../../activities/failing-call/call-limits.js';
import type { WaitingCalls } from '../waiting/waiting-calls.js';

const MAX_KEYS = 50;

/** Calls of a limit that this worker has rejected, by key. Of many keys, those with the most calls are woken. */
export class WaitingByKey {
  private readonly keys = new Map<string, WaitingCalls>();

  constructor(private readonly make: () => WaitingCalls) {}

  add(key: string, call: LimitedAttempt, retryInMs: number): void {
    const calls = this.keys.get(key) ?? this.make();
    calls.add(call, retryInMs);
    if (calls.size === 0 || this.keys.has(key)) return;
    if (this.keys.size >= MAX_KEYS) this.forgetOne();
    this.keys.set(key, calls);
  }

  /** The call has come back. */
  delete(key: string, executionId: string): void {
    const calls = this.keys.get(key);
    calls?.delete(executionId);
    if (calls?.size === 0) this.keys.delete(key);
  }

  /** Wakes this number of calls of a key, those first that came first. */
  async wake(key: string, most: number): Promise<void> {
    const calls = this.keys.get(key);
    if (calls === undefined) return;
    await calls.wakeAll(always, never, most);
    if (calls.size === 0 && this.keys.get(key) === calls) this.keys.delete(key);
  }

  private forgetOne(): void {
    let [least] = this.keys;
    for (const each of this.keys) {
      if (least === undefined || each[1].size < least[1].size) least = each;
    }
    if (least !== undefined) this.keys.delete(least[0]);
  }
}

const always = () => true;
const never = () => false;
