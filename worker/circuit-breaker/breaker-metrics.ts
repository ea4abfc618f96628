import type { CircuitBreakerState } from '../../common/circuit-breaker/index.js';
import { OTHERS } from '../metrics.js';
import type { WorkerTelemetry } from '../telemetry.js';

/** Names of breakers may depend on arguments, and a metric keeps each value of a label for ever. */
const MAX_NAMES = 200;
const INTERVAL_MS = 10_000;

type States = Iterable<readonly [string, CircuitBreakerState]>;
/** Numbers of floods by breaker and state. */
export type Floods = () => Generator<readonly [string, Readonly<Record<string, number>>]>;

/** The circuit breakers of one worker as metrics: their states and floods every ten seconds, without a request, and their trials. */
export class BreakerMetrics {
  private readonly names = new Set<string>();
  /** State shown last, by breaker. */
  private readonly shown = new Map<string, CircuitBreakerState>();
  /** Floods shown last, by breaker and state. */
  private readonly shownFloods = new Map<string, { breaker: string; state: string; floods: number }>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly namespace: string,
    private readonly telemetry: Pick<WorkerTelemetry, 'breakerState' | 'breakerFloods' | 'trialEnded'>,
    states: () => States,
    floods: Floods,
    intervalMs = INTERVAL_MS,
  ) {
    this.timer = setInterval(() => {
      this.show(states());
      this.showFloods(floods());
    }, intervalMs);
    this.timer.unref();
  }

  trialEnded(breaker: string, outcome: string): void {
    this.telemetry.trialEnded(this.hasRoomFor(breaker) ? breaker : OTHERS, outcome);
  }

  /** A breaker that is not used any more has no state. */
  close(): void {
    clearInterval(this.timer);
    this.show([]);
    this.showFloods([]);
  }

  private show(states: States): void {
    const gone = new Map(this.shown);
    for (const [breaker, state] of states) {
      if (!this.hasRoomFor(breaker)) continue;
      if (gone.get(breaker) === state) gone.delete(breaker);
      this.shown.set(breaker, state);
      this.telemetry.breakerState(this.namespace, breaker, state, true);
    }
    for (const [breaker, state] of gone) {
      this.telemetry.breakerState(this.namespace, breaker, state, false);
      if (this.shown.get(breaker) === state) this.shown.delete(breaker);
    }
  }

  private showFloods(floods: Iterable<readonly [string, Readonly<Record<string, number>>]>): void {
    const now = new Map<string, { breaker: string; state: string; floods: number }>();
    for (const [breaker, counts] of floods) {
      for (const [state, count] of Object.entries(counts)) {
        if (count > 0 && this.hasRoomFor(breaker))
          now.set(`${state} ${breaker}`, { breaker, state, floods: count });
      }
    }
    // A breaker without a flood has no value, until it had one.
    for (const [key, shown] of this.shownFloods) if (!now.has(key)) now.set(key, { ...shown, floods: 0 });
    for (const [key, shown] of now) {
      const { breaker, state, floods: count } = shown;
      if (this.shownFloods.get(key)?.floods !== count) {
        this.telemetry.breakerFloods(this.namespace, breaker, state, count);
      }
      this.shownFloods.set(key, shown);
    }
  }

  private hasRoomFor(breaker: string): boolean {
    if (this.names.size < MAX_NAMES) this.names.add(breaker);
    return this.names.has(breaker);
  }
}
