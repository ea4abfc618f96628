/** A quota that a test has used up. */
export interface UsedUp {
  readonly breaker: string;
  /** Undefined: of all calls behind the breaker. */
  readonly key: string | undefined;
}

/** The clock by which quotas of a test are used up: that of this machine, and what the test has moved it on. */
export class QuotaClock {
  private aheadMs = 0;
  private readonly ends = new Map<UsedUp, number>();

  now(): number {
    return Date.now() + this.aheadMs;
  }

  usedUp(quota: UsedUp, waitMs: number): void {
    this.forget(quota.breaker, quota.key);
    this.ends.set(quota, this.now() + waitMs);
  }

  /** @returns quotas whose time has passed by now, of each breaker */
  advance(ms: number): ReadonlyMap<string, readonly UsedUp[]> {
    this.aheadMs += ms;
    const ended = [...this.ends].filter(([, end]) => end <= this.now()).map(([quota]) => quota);
    const byBreaker = new Map<string, UsedUp[]>();
    for (const quota of ended) {
      this.ends.delete(quota);
      byBreaker.set(quota.breaker, [...(byBreaker.get(quota.breaker) ?? []), quota]);
    }
    return byBreaker;
  }

  /** @param keys without any: all quotas behind the breaker */
  forget(breaker: string, ...keys: (string | undefined)[]): void {
    for (const quota of this.ends.keys()) {
      if (quota.breaker === breaker && (keys.length === 0 || keys.includes(quota.key)))
        this.ends.delete(quota);
    }
  }
}
