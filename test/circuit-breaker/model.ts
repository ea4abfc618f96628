// The rules of docs/circuit-breaker.md in the plainest form: everything is kept and counted again each time. It
// shares no code with the machine.
import type { BreakerConfig } from '../../common/circuit-breaker/index.js';

export interface ModelCall {
  readonly epoch: number;
  readonly trial?: number;
  /** A trial while it is open. */
  readonly probe?: number;
  readonly execution?: string;
}

export interface ModelResult {
  readonly outcome: 'success' | 'failure' | 'ignored';
  readonly duration: number;
  readonly status?: number;
  readonly retryAfter?: number;
  readonly isFresh?: boolean;
}

interface Seen {
  readonly at: number;
  readonly failed: boolean;
  readonly slow: boolean;
  readonly execution: string | undefined;
}

interface Trial {
  readonly number: number;
  readonly execution: string | undefined;
  readonly expiresAt: number;
}

export class BreakerModel {
  mode = 'CLOSED';
  epoch = 0;
  /** `from>to:cause` of every transition. */
  readonly log: string[] = [];
  private since = 0;
  private endsAt: number | undefined;
  private seen: Seen[] = [];
  private retryAt = 0;
  private openFor = 0;
  private failedHalfOpens = 0;
  private avoided: string | undefined;
  private trials: Trial[] = [];
  private granted = 0;
  private firstTrialAt: number | undefined;
  private successes = 0;
  private probes = 0;
  private probesAfter: number | undefined;

  constructor(private readonly config: BreakerConfig) {}

  get failureCount(): number {
    return this.row().length;
  }

  pass(now: number): void {
    for (;;) {
      const { maxHalfOpenTime } = this.config.halfOpen;
      if (this.mode === 'HALF_OPEN') {
        if (maxHalfOpenTime === 0 || this.firstTrialAt === undefined) return;
        const end = this.firstTrialAt + maxHalfOpenTime;
        if (now < end) return;
        this.go('OPEN', end, 'half-open-time-over', end + this.openFor);
        continue;
      }
      if (this.endsAt === undefined || now < this.endsAt) return;
      const at = Math.max(this.endsAt, this.since);
      if (this.mode === 'OPEN') {
        this.openFor = this.endsAt - this.since;
        this.go('HALF_OPEN', at, 'open-time-over');
      } else if (this.mode === 'FORCED_OPEN') {
        this.openFor = this.config.openTime.initialInterval;
        this.go('HALF_OPEN', at, 'override-expired');
      } else {
        this.go('CLOSED', at, 'override-expired');
      }
    }
  }

  admit(
    now: number,
    execution: string | undefined,
    isFresh = false,
  ): ModelCall | { until: number | undefined } {
    this.pass(now);
    if (this.mode === 'OPEN') return this.admitProbe(now, execution, isFresh) ?? { until: this.endsAt };
    if (this.mode === 'FORCED_OPEN') return { until: this.endsAt };
    if (this.mode !== 'HALF_OPEN') return { epoch: this.epoch, execution };
    const { permittedTrials, trialLease } = this.config.halfOpen;
    const othersUntil = this.since + Math.min(trialLease, this.openFor / 4);
    if (execution !== undefined && this.avoided === execution && now < othersUntil) {
      return this.admitProbe(now, execution, isFresh) ?? { until: othersUntil };
    }
    const busy = this.trials.filter((trial) => trial.expiresAt > now);
    if (busy.length >= permittedTrials) {
      const until = Math.min(...busy.map((trial) => trial.expiresAt));
      return this.admitProbe(now, execution, isFresh) ?? { until };
    }
    this.granted += 1;
    this.avoided = undefined;
    this.firstTrialAt ??= now;
    this.trials.push({ number: this.granted, execution, expiresAt: now + trialLease });
    return { epoch: this.epoch, trial: this.granted, execution };
  }

  record(now: number, call: ModelCall, result: ModelResult, random: number): void {
    this.pass(now);
    if (call.epoch !== this.epoch) return;
    if (this.mode === 'CLOSED' || this.mode === 'METRICS_ONLY') this.count(now, call, result, random);
    if (call.probe !== undefined) this.endProbe(now, result);
    else if (this.mode === 'HALF_OPEN') this.endTrial(now, call, result, random);
  }

  private admitProbe(now: number, execution: string | undefined, isFresh: boolean): ModelCall | undefined {
    const interval = this.config.halfOpen.trialInterval;
    if (!isFresh || interval === 0 || now < (this.probesAfter ?? this.since + interval)) return undefined;
    this.probesAfter = now + interval;
    return { epoch: this.epoch, probe: ++this.probes, execution };
  }

  private endProbe(now: number, result: ModelResult): void {
    if (result.outcome !== 'success' || this.isSlow(result)) return;
    if (this.mode === 'HALF_OPEN') {
      this.successes += 1;
      if (this.successes >= this.config.halfOpen.successesToClose) this.go('CLOSED', now, 'trials-succeeded');
    } else if (this.mode === 'OPEN') {
      if (this.config.halfOpen.successesToClose === 1) {
        this.go('CLOSED', now, 'trials-succeeded');
        return;
      }
      this.openFor = (this.endsAt ?? now) - this.since;
      const { failedHalfOpens } = this;
      this.go('HALF_OPEN', now, 'trials-succeeded');
      this.avoided = undefined;
      this.failedHalfOpens = failedHalfOpens;
      this.successes = 1;
    }
  }

  order(now: number, mode: string, cause: string, expiresAt?: number): void {
    this.pass(now);
    this.go(mode, now, cause, expiresAt);
  }

  private count(now: number, call: ModelCall, result: ModelResult, random: number): void {
    if (result.outcome === 'ignored') return;
    const failed = result.outcome === 'failure';
    const { execution } = call;
    if (failed) this.retryAt = Math.max(this.retryAt, now + this.asked(result));
    else this.retryAt = 0;
    const again =
      failed && execution !== undefined && this.seen.some((s) => s.failed && s.execution === execution);
    if (again || (failed && result.isFresh === false && this.seen.some((s) => !s.failed))) return;
    this.seen.push({ at: now, failed, slow: this.isSlow(result), execution });
    const cause = this.brokenRule(now);
    if (cause !== undefined) this.wouldOpen(now, cause, random);
  }

  private brokenRule(now: number): string | undefined {
    const limit = this.config.consecutiveFailures;
    if (limit > 0 && this.row().length >= limit) return 'consecutive-failures';
    const calls = this.inWindow(now);
    for (const [cause, rule, part] of [
      ['failure-rate', this.config.failureRate, calls.filter((s) => s.failed)],
      ['slow-call-rate', this.config.slowCallRate, calls.filter((s) => s.slow)],
    ] as const) {
      if (rule === false || calls.length < rule.minimumCalls) continue;
      if (part.length / calls.length >= rule.threshold) return cause;
    }
    return undefined;
  }

  private wouldOpen(now: number, cause: string, random: number): void {
    if (this.mode !== 'CLOSED') return;
    const asked = Math.min(this.retryAt - now, this.config.retryAfterCap);
    this.go('OPEN', now, cause, now + Math.max(this.openTime(random), asked));
  }

  private endTrial(now: number, call: ModelCall, result: ModelResult, random: number): void {
    const trial = this.trials.find((each) => each.number === call.trial);
    if (trial === undefined) return;
    this.trials = this.trials.filter((each) => each !== trial);
    if (result.outcome === 'ignored') return;
    if (result.outcome === 'failure' || this.isSlow(result)) {
      this.failedHalfOpens += 1;
      this.go('OPEN', now, 'trial-failed', now + Math.max(this.openTime(random), this.asked(result)));
      this.avoided = trial.execution;
      return;
    }
    this.successes += 1;
    if (this.successes >= this.config.halfOpen.successesToClose) this.go('CLOSED', now, 'trials-succeeded');
  }

  /** Failures since the last success. */
  private row(): Seen[] {
    return this.seen.slice(this.seen.findLastIndex((s) => !s.failed) + 1);
  }

  private inWindow(now: number): Seen[] {
    const { window } = this.config;
    if (window.type === 'count') return this.seen.slice(-window.size);
    const width = window.duration / window.buckets;
    const bucket = (at: number) => Math.floor(at / width);
    return this.seen.filter((s) => bucket(s.at) > bucket(now) - window.buckets);
  }

  private isSlow({ duration }: ModelResult): boolean {
    return this.config.slowCallRate !== false && duration >= this.config.slowCallRate.slowCallDuration;
  }

  private asked({ outcome, status, retryAfter = 0 }: ModelResult): number {
    const says = outcome === 'failure' && (status === 429 || status === 503);
    return says ? Math.min(retryAfter, this.config.retryAfterCap) : 0;
  }

  private openTime(random: number): number {
    const { initialInterval, backoffCoefficient, maximumInterval, jitter } = this.config.openTime;
    let time = initialInterval;
    for (let i = 0; i < this.failedHalfOpens; i++) time *= backoffCoefficient;
    time = Math.min(time, maximumInterval);
    if (jitter === 'none') return time;
    return jitter === 'full' ? Math.round(time * random) : Math.round(time / 2 + (time / 2) * random);
  }

  private go(mode: string, at: number, cause: string, endsAt?: number): void {
    this.log.push(`${this.mode}>${mode}:${cause}`);
    const keeps = mode === 'OPEN' || (mode === 'HALF_OPEN' && this.mode === 'OPEN');
    if (!keeps) {
      this.failedHalfOpens = 0;
      this.avoided = undefined;
    }
    this.mode = mode;
    this.epoch += 1;
    this.since = at;
    this.endsAt = endsAt;
    this.seen = [];
    this.retryAt = 0;
    this.trials = [];
    this.granted = 0;
    this.firstTrialAt = undefined;
    this.successes = 0;
    this.probes = 0;
    this.probesAfter = undefined;
  }
}
