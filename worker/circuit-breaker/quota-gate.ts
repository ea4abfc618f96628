import type { CallEnd, GuardedCall } from '../../activities/failing-call/breaker-guard.js';
import type { AskedWait } from '../../common/errors/throttle.js';
import { KeyQuota, type QuotaAnswer } from '../../common/quota/key-quota.js';
import {
  MAX_KEY,
  type ReportedThrottle,
  reportedThrottle,
  type Throttle,
} from '../../common/quota/throttles.js';
import { beginning } from '../../common/text/text.js';

/** Quotas that are kept. Keys depend on arguments, and there may be any number of them. */
const MAX_QUOTAS = 1_000;
/** A shorter wait is over when the fleet receives the news: each worker learns it from its own first refusal. */
const SHARED_FROM_MS = 3_000;
const MAX_SAID = 200;
/** Of one report. */
const MAX_NEWS = 100;

/** Narrowed: others succeed, so only refused calls wait. Taken back: a person has reset the breaker. */
export type Freed = 'narrowed' | 'takenBack';

/** The quotas behind one circuit breaker, as one worker sees them. Times are of the worker's monotonic clock. */
export class QuotaGate {
  private readonly quotas = new Map<string, KeyQuota>();
  /** What the fleet does not know yet, by key. */
  private readonly news = new Map<string, Throttle>();
  /** The news that each report was made of. */
  private readonly newsOf = new WeakMap<ReportedThrottle, Throttle>();
  /** Keys of quotas that are used up, narrowed or releasing: none in the common case, call after call. */
  private readonly inForce = new Set<string>();

  constructor(private readonly workers: () => number) {}

  admit(call: GuardedCall, now: number): QuotaAnswer | undefined {
    if (this.inForce.size === 0) return undefined;
    const key = keyOf(call);
    if (!this.inForce.has(key)) return undefined;
    const quota = this.of(key);
    const answer = quota.admit(
      {
        hasKey: call.quotaKey !== undefined,
        mayBeTrial: call.isHeld !== true,
        hadTurn: call.waitedForQuota === true,
        timeLeftMs: call.timeLeftMs,
      },
      now,
    );
    if (quota.isFree) this.inForce.delete(key);
    return answer;
  }

  /** What the service said when the quota of a call was used up. */
  saidOf(call: GuardedCall): string | undefined {
    return this.quotas.get(keyOf(call))?.said;
  }

  /** @returns milliseconds until the refused call comes again */
  refused(
    call: GuardedCall,
    { asked, message, calls = 1 }: Pick<CallEnd, 'message' | 'calls'> & { readonly asked: AskedWait },
    now: number,
    random: number,
  ): number {
    const key = keyOf(call);
    const said = message && beginning(message, MAX_SAID);
    const { news, comesAt } = this.of(key).refused(
      asked,
      { executionId: call.executionId, hasKey: call.quotaKey !== undefined, calls, said },
      now,
      random,
    );
    if (!this.of(key).isFree) this.inForce.add(key);
    if (news !== undefined && news.until - now >= SHARED_FROM_MS) this.report(news);
    return comesAt - now;
  }

  /** @returns true where that frees calls which wait */
  succeeded(call: GuardedCall, isTrial: boolean, now: number): boolean {
    const key = keyOf(call);
    if (!this.quotas.has(key) && !this.hasRoom()) return false;
    const freed = this.of(key).succeeded(isTrial, now);
    if (freed) {
      const until = now + SHARED_FROM_MS;
      this.report({ key, since: now, until, narrowed: true });
    }
    return freed;
  }

  /**
   * What the fleet says.
   * @param ageMs how long ago it said so
   * @returns whether that frees calls which wait; taken back: also those that the service itself has refused
   */
  adopt(reported: readonly ReportedThrottle[], ageMs: number, now: number): Freed | undefined {
    const byKey = new Map(reported.map((each) => [each.key ?? '', each]));
    let freed: Freed | undefined;
    for (const key of new Set([...byKey.keys(), ...this.inForce])) {
      const quota = this.of(key);
      const said = byKey.get(key);
      if (quota.adopt(said, ageMs, now, Math.random())) {
        freed = said === undefined || freed === 'takenBack' ? 'takenBack' : 'narrowed';
      }
      if (quota.isFree) this.inForce.delete(key);
      else this.inForce.add(key);
      const mine = this.news.get(key);
      if (mine !== undefined && quota.fleetKnows(mine)) this.news.delete(key);
    }
    return freed;
  }

  /** What there is to report; it is kept until `sent`. */
  toReport(now: number): ReportedThrottle[] {
    for (const [key, { until }] of this.news) if (until <= now) this.news.delete(key);
    return [...this.news.values()].map((each) => {
      const report = reportedThrottle(each, now);
      this.newsOf.set(report, each);
      return report;
    });
  }

  sent(reported: readonly ReportedThrottle[]): void {
    for (const report of reported) {
      const key = report.key ?? '';
      // News that came while the report was on its way has not been sent.
      if (this.news.get(key) === this.newsOf.get(report)) this.news.delete(key);
    }
  }

  get hasNews(): boolean {
    return this.news.size > 0;
  }

  private report(news: Throttle): void {
    if (this.news.size < MAX_NEWS || this.news.has(news.key)) this.news.set(news.key, news);
  }

  /**
   * Whether a key that only succeeds can be kept: it is not worth a search, nor one that is in force. Each call looks at another
   * key, so free ones are found in time.
   */
  private hasRoom(): boolean {
    if (this.quotas.size < MAX_QUOTAS) return true;
    for (const [oldest, quota] of this.quotas) {
      if (!this.inForce.has(oldest)) return true;
      this.quotas.delete(oldest);
      this.quotas.set(oldest, quota);
      return false;
    }
    return true;
  }

  private of(key: string): KeyQuota {
    const known = this.quotas.get(key);
    if (known !== undefined) return known;
    if (this.quotas.size >= MAX_QUOTAS) this.forgetOne();
    const quota = new KeyQuota(key, this.workers);
    this.quotas.set(key, quota);
    return quota;
  }

  /** The oldest that is free; of many that are not, the oldest. */
  private forgetOne(): void {
    let candidate: string | undefined;
    for (const key of this.quotas.keys()) {
      candidate ??= key;
      if (this.inForce.has(key)) continue;
      candidate = key;
      break;
    }
    if (candidate === undefined) return;
    this.quotas.delete(candidate);
    this.inForce.delete(candidate);
  }
}

function keyOf({ quotaKey }: GuardedCall): string {
  return quotaKey === undefined ? '' : beginning(quotaKey, MAX_KEY);
}
