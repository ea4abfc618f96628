import type { Quota } from './quotas.js';

/** A quota as services count it: this number of calls in a window that begins with the first call. */
export class QuotaWindow {
  #endsAt = 0;
  #calls = 0;

  constructor(private readonly quota: Quota) {}

  /** @returns 0 if the call is within the quota, otherwise the milliseconds until the window ends */
  take(now: number): number {
    if (now >= this.#endsAt) {
      this.#endsAt = now + this.quota.perMs;
      this.#calls = 0;
    }
    if (this.#calls >= this.quota.calls) return this.#endsAt - now;
    this.#calls++;
    return 0;
  }
}
