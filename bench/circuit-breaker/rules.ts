import {
  admit,
  type BreakerConfig,
  type BreakerState,
  FLEET_DEFAULTS,
  initialState,
  parseBreakerConfig,
  record,
  tick,
  trip,
} from '../../common/circuit-breaker/index.js';
import { ComeBack } from '../../worker/circuit-breaker/come-back.js';
import type { Benchmark } from '../support/benchmark.js';
import { withSpread } from '../support/statistics.js';
import { table } from '../support/table.js';

const EXECUTIONS = 200;
/** Of any length between these, each as likely on a scale of ratios. */
const SHORTEST_MS = 10_000;
const LONGEST_MS = 300_000;
const HEALTHY_MS = 10_000;
const CALL_MS = 50;
const PUSH_MS = 300;
/** Until the fleet's breaker has a report that is not urgent. */
const REPORT_MS = 1_000;
const ROUNDS = 50;

interface Rule {
  /** Undefined: no breaker. */
  readonly config?: BreakerConfig;
  /** Failures count once per execution, fresh calls are tried while it is open, and waiting calls are woken. */
  readonly judgesDependency: boolean;
  /** Of many calls that wait, few come back at a time. */
  readonly inLine?: boolean;
}

const OPEN_TIME_BEFORE = {
  openTime: { initialInterval: 5_000, backoffCoefficient: 2, maximumInterval: 60_000 },
};

const RULES: Readonly<Record<string, Rule>> = {
  'no breaker': { judgesDependency: false },
  'version 0.4': { config: parseBreakerConfig(), judgesDependency: false },
  'versions 0.5 to 0.9': {
    config: parseBreakerConfig({ ...FLEET_DEFAULTS, ...OPEN_TIME_BEFORE }),
    judgesDependency: true,
  },
  now: { config: parseBreakerConfig(FLEET_DEFAULTS), judgesDependency: true, inLine: true },
};

interface Measured {
  readonly calls: number;
  readonly openedAfterMs: number | undefined;
  readonly recoveredAfterMs: number;
  /** While the service fails. */
  readonly rejections: number;
}

/** A fleet under virtual time: one machine for each worker, what one learns the others know a moment later. */
class Simulation {
  private now = 0;
  private readonly agenda: { readonly at: number; readonly run: () => void }[] = [];
  private readonly states: BreakerState[];
  private readonly comeBacks: ComeBack[];
  private rejections = 0;
  private readonly waiting = new Map<number, () => void>();
  private calls = 0;
  private openedAt: number | undefined;
  private doneAt = 0;
  private trialUntil = 0;
  private readonly outageMs: number;
  /** Failures that workers have reported since the last success that one reported. */
  private reported = 0;
  private readonly owesSuccess = new Set<number>();

  constructor(
    private readonly rule: Rule,
    workers: number,
    private readonly failing: number,
    private readonly random: () => number,
  ) {
    this.states = Array.from({ length: workers }, () => initialState(0));
    this.comeBacks = this.states.map(() => new ComeBack(random));
    this.outageMs = SHORTEST_MS * (LONGEST_MS / SHORTEST_MS) ** random();
  }

  run(): Measured {
    for (let execution = 0; execution < EXECUTIONS; execution++) {
      // They arrive over the healthy time and the first seconds of the outage.
      this.at(this.random() * (HEALTHY_MS + 5_000), () => this.attempt(execution, 1, 0));
    }
    for (;;) {
      this.agenda.sort((a, b) => b.at - a.at);
      const next = this.agenda.pop();
      if (next === undefined) break;
      this.now = next.at;
      next.run();
    }
    return {
      calls: this.calls,
      openedAfterMs: this.openedAt === undefined ? undefined : this.openedAt - HEALTHY_MS,
      recoveredAfterMs: Math.max(0, this.doneAt - HEALTHY_MS - this.outageMs),
      rejections: this.rejections,
    };
  }

  private at(ms: number, run: () => void): void {
    this.agenda.push({ at: this.now + ms, run });
  }

  private get isDown(): boolean {
    return this.now >= HEALTHY_MS && this.now < HEALTHY_MS + this.outageMs;
  }

  private attempt(execution: number, number: number, rejections: number): void {
    this.waiting.delete(execution);
    const worker = Math.floor(this.random() * this.states.length);
    const { config, judgesDependency } = this.rule;
    if (config === undefined) {
      this.call(execution, number, () => undefined);
      return;
    }
    const state = tick(this.states[worker] as BreakerState, config, this.now).state;
    const isFresh = judgesDependency && number === 1;
    if (state.status === 'HALF_OPEN' && this.now < this.trialUntil) {
      this.reject(execution, number, rejections, worker, this.trialUntil + 2_000);
      return;
    }
    const id = String(execution);
    const admission = admit(state, config, this.now, {
      executionId: id,
      isFresh,
      workers: this.states.length,
    });
    this.states[worker] = admission.state;
    const { permit, rejection } = admission;
    if (permit === undefined) {
      const fresh = this.now + 1_000 * 2 ** Math.min(rejections, 3) * (0.5 + this.random());
      const until = rejection.until ?? this.now + 2_000;
      this.reject(execution, number, rejections, worker, isFresh ? Math.min(fresh, until) : until, isFresh);
      return;
    }
    if (state.status === 'HALF_OPEN') this.trialUntil = this.now + CALL_MS;
    this.call(execution, number, (outcome) => {
      const before = this.states[worker] as BreakerState;
      const result = { outcome, permit, executionId: id, category: 'SERVER' as const };
      const counted = judgesDependency ? { ...result, isFresh: number === 1 } : result;
      const after = record(before, config, counted, this.now, 0).state;
      this.states[worker] = after;
      if (after.epoch !== before.epoch) this.push(after);
      else if (after.status === 'CLOSED') this.report(worker, outcome, number === 1, config);
    });
  }

  private call(execution: number, number: number, ended: (outcome: 'success' | 'failure') => void): void {
    if (this.isDown) this.calls++;
    const fails = this.isDown && this.random() < this.failing;
    this.at(CALL_MS, () => {
      ended(fails ? 'failure' : 'success');
      if (fails)
        this.at(Math.min(1_000 * 2 ** (number - 1), 100_000), () => this.attempt(execution, number + 1, 0));
      else this.doneAt = this.now;
    });
  }

  private reject(
    execution: number,
    number: number,
    rejections: number,
    worker: number,
    until: number,
    isFresh = false,
  ): void {
    if (this.isDown) this.rejections++;
    const again = () => this.attempt(execution, number, rejections + 1);
    let isWoken = false;
    const once = () => {
      if (isWoken) return;
      isWoken = true;
      again();
    };
    this.waiting.set(execution, once);
    const { epoch, status: state } = this.states[worker] as BreakerState;
    const inLine = this.rule.inLine && !isFresh;
    const wait = inLine
      ? this.comeBacks[worker]?.inLine(
          epoch,
          { state, until },
          { rejections, isWoken: true, workers: this.states.length },
          this.now,
        )
      : until - this.now + this.random() * 1_000;
    this.at(Math.max(1_000, wait ?? 0), once);
  }

  /** What several workers see adds up. */
  private report(
    worker: number,
    outcome: 'success' | 'failure',
    isFirst: boolean,
    config: BreakerConfig,
  ): void {
    if (outcome === 'success' ? !this.owesSuccess.delete(worker) : !isFirst) return;
    if (outcome === 'failure') this.owesSuccess.add(worker);
    this.at(REPORT_MS, () => {
      this.reported = outcome === 'success' ? 0 : this.reported + 1;
      const state = this.states[worker] as BreakerState;
      if (this.reported < config.consecutiveFailures || state.status !== 'CLOSED') return;
      const reason = { cause: 'reported' } as const;
      this.push(trip(state, config, reason, this.now, 0).state);
    });
  }

  private push(state: BreakerState): void {
    if (state.status === 'OPEN') this.openedAt ??= this.now;
    this.reported = 0;
    this.at(PUSH_MS, () => {
      this.states.forEach((each, worker) => {
        if (each.epoch < state.epoch || each.status !== state.status) this.states[worker] = { ...state };
      });
      if (state.status !== 'CLOSED' || !this.rule.judgesDependency) return;
      let turn = 0;
      for (const wake of this.waiting.values()) this.at((turn++ * 10) / this.states.length, wake);
    });
  }
}

/** A small generator with a seed (mulberry32), so that all rules meet the same rounds. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const rules: Benchmark = {
  title: 'The rule that opens, old and new',
  about: `A simulation in virtual time: ${EXECUTIONS} executions arrive over ${(HEALTHY_MS + 5_000) / 1_000} s, the service is in trouble from second ${HEALTHY_MS / 1_000}
on for ${SHORTEST_MS / 1_000} to ${LONGEST_MS / 1_000} s; calls are retried by Temporal's own backoff; ${ROUNDS} rounds, the same for all rules. Median (spread).`,
  async run() {
    const lines: string[][] = [];
    for (const [trouble, failing] of [
      ['all fail', 1],
      ['three of four fail', 0.75],
      ['half fail', 0.5],
      ['two of five fail', 0.4],
    ] as const) {
      for (const workers of [1, 10, 100]) {
        for (const [name, rule] of Object.entries(RULES)) {
          const measured = Array.from({ length: ROUNDS }, (_, round) =>
            new Simulation(rule, workers, failing, seeded(round + 1)).run(),
          );
          const opened = measured.flatMap(({ openedAfterMs }) =>
            openedAfterMs === undefined ? [] : [openedAfterMs],
          );
          lines.push([
            `${trouble}, ${workers} worker${workers === 1 ? '' : 's'}, ${name}`,
            withSpread(
              measured.map(({ calls }) => calls),
              0,
            ),
            withSpread(
              measured.map(({ rejections }) => rejections),
              0,
            ),
            opened.length === 0
              ? '–'
              : withSpread(
                  opened.map((ms) => ms / 1_000),
                  1,
                ),
            `${opened.length} of ${ROUNDS}`,
            withSpread(
              measured.map(({ recoveredAfterMs }) => recoveredAfterMs / 1_000),
              1,
            ),
          ]);
        }
      }
    }
    return table(
      [
        '',
        'calls that reach it in trouble',
        'rejected meanwhile',
        'seconds until it opened',
        'rounds in which it opened',
        'seconds from its end until all is done',
      ],
      lines,
    );
  },
};
