import type { EndedAsLetter, GuardedCall } from '../../activities/failing-call/breaker-guard.js';
import {
  type Flood,
  type FloodKey,
  type FloodState,
  MAX_SAID,
  type ReportedFlood,
  reportedFlood,
} from '../../common/flood/floods.js';
import { type FloodAnswer, type FloodNews, KeyFlood } from '../../common/flood/key-flood.js';
import { beginning } from '../../common/text/text.js';

/** Keys that are kept. They depend on arguments, and there may be any number of them. */
const MAX_KEYS = 1_000;
/** Of one report. */
const MAX_NEWS = 50;

interface News {
  readonly flood: Flood;
  readonly state: ReportedFlood['state'];
}

/** The floods of dead letters behind one circuit breaker, as one worker sees them. Times are of the worker's monotonic clock. */
export class FloodGate {
  private readonly keys = new Map<string, KeyFlood>();
  /** What the fleet does not know yet, by key. */
  private readonly news = new Map<string, News>();
  /** The news that each report was made of. */
  private readonly newsOf = new WeakMap<ReportedFlood, News>();

  constructor(private readonly workers: () => number) {}

  /** Undefined where nothing is known of the call: none of its like has ended as a letter lately. */
  admit({ flood: call, quotaKey, timeLeftMs }: GuardedCall, now: number): FloodAnswer | undefined {
    // The common case, call after call.
    if (this.keys.size === 0 || call?.rules.action !== 'hold') return undefined;
    const { operation, heldForMs, rules } = call;
    const known = this.keys.get(keyOf({ operation, quotaKey }));
    return known?.admit({ patienceMs: rules.patienceMs, heldForMs, timeLeftMs }, now);
  }

  /** Whether a call that waits would have to go on waiting. */
  holds({ flood: call, quotaKey }: GuardedCall, now: number): boolean {
    if (this.keys.size === 0 || call?.rules.action !== 'hold') return false;
    return this.keys.get(keyOf({ operation: call.operation, quotaKey }))?.at(now)?.state === 'held';
  }

  /** @returns what people have to know */
  endedAsLetter(
    { flood: call, quotaKey }: GuardedCall,
    { group, said }: EndedAsLetter,
    now: number,
    random: number,
  ): FloodNews | undefined {
    if (call === undefined) return undefined;
    const key = { operation: call.operation, ...(quotaKey === undefined ? {} : { quotaKey }) };
    const cause = { group, said: said && beginning(said, MAX_SAID) };
    const found = this.of(key).endedAsLetter(cause, call.rules, now, random);
    if (found !== undefined) this.report(found.flood, found.flood.state);
    return found;
  }

  /** @returns true where that frees calls which wait */
  endedOtherwise({ flood: call, quotaKey }: GuardedCall, isTrialSuccess: boolean, now: number): boolean {
    if (this.keys.size === 0 || call === undefined) return false;
    const key = keyOf({ operation: call.operation, quotaKey });
    const known = this.keys.get(key);
    if (known === undefined) return false;
    const over = known.endedOtherwise(isTrialSuccess, now);
    if (over !== undefined) this.report(over, 'over');
    if (known.isFree) this.keys.delete(key);
    return over !== undefined;
  }

  /**
   * What the fleet says.
   * @param ageMs how long ago it said so
   * @returns true where that frees calls which wait
   */
  adopt(reported: readonly ReportedFlood[], ageMs: number, now: number): boolean {
    if (reported.length === 0 && this.keys.size === 0) return false;
    const byKey = new Map(reported.map((each) => [keyOf(each), each]));
    let freed = false;
    for (const [key, each] of byKey) {
      // A trial has succeeded here, and the fleet does not know that yet.
      if (this.news.get(key)?.state === 'over') continue;
      freed = this.of(each).adopt(each, ageMs, now, Math.random()) || freed;
      const mine = this.news.get(key);
      const isAlarm = each.state === 'alarm';
      // A hold that this worker has just found is more than an alarm of others.
      if (!isAlarm || (mine?.state === 'alarm' && mine.flood.group === each.group)) this.news.delete(key);
    }
    for (const [key, known] of this.keys) {
      if (!byKey.has(key)) freed = known.adopt(undefined, ageMs, now, 0) || freed;
      if (known.isFree) this.keys.delete(key);
    }
    return freed;
  }

  /** What there is to report; it is kept until `sent`. */
  toReport(now: number): ReportedFlood[] {
    for (const [key, { flood }] of this.news) if (flood.until <= now) this.news.delete(key);
    return [...this.news.values()].map((each) => {
      const report = { ...reportedFlood(each.flood, now), state: each.state };
      this.newsOf.set(report, each);
      return report;
    });
  }

  sent(reported: readonly ReportedFlood[]): void {
    for (const report of reported) {
      const key = keyOf(report);
      // News that came while the report was on its way has not been sent.
      if (this.news.get(key) === this.newsOf.get(report)) this.news.delete(key);
    }
  }

  get hasNews(): boolean {
    return this.news.size > 0;
  }

  /** Floods in force, by state. */
  count(now: number): Record<Exclude<FloodState, 'resumed'>, number> {
    const counts = { held: 0, alarm: 0 };
    for (const known of this.keys.values()) {
      const state = known.at(now)?.state;
      if (state === 'held' || state === 'alarm') counts[state]++;
    }
    return counts;
  }

  private report(flood: Flood, state: ReportedFlood['state']): void {
    const key = keyOf(flood);
    if (this.news.size < MAX_NEWS || this.news.has(key)) this.news.set(key, { flood, state });
  }

  private of(key: FloodKey): KeyFlood {
    const name = keyOf(key);
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    if (this.keys.size >= MAX_KEYS) this.forgetOne();
    const { operation, quotaKey } = key;
    const flood = new KeyFlood({ operation, ...(quotaKey === undefined ? {} : { quotaKey }) }, this.workers);
    this.keys.set(name, flood);
    return flood;
  }

  /** The oldest that holds no calls; of many that do, the oldest. */
  private forgetOne(): void {
    let candidate: string | undefined;
    for (const [name, known] of this.keys) {
      candidate ??= name;
      if (known.at(Number.NEGATIVE_INFINITY)?.state === 'held') continue;
      candidate = name;
      break;
    }
    if (candidate !== undefined) this.keys.delete(candidate);
  }
}

function keyOf({ operation, quotaKey }: FloodKey): string {
  return quotaKey === undefined ? operation : `${operation}\n${quotaKey}`;
}
