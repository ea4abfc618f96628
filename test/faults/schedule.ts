import { LIES, type Lie } from '../support/visibility.js';
import { between, pick, randomFor, randomOf, shuffled } from './random.js';

/** Faults, and what they hit at one time: of two that hit the same, the second waits until the first is over. */
const HITS = {
  /** A worker process is killed, and started again. */
  killWorker: 'worker',
  /** One recovery worker is killed, and started again at once. */
  killRecovery: 'recovery',
  /** All recovery workers are killed, and come back later. */
  recoveryAway: 'recovery',
  /** The server is killed, and started on the same file. */
  killServer: 'server',
  /** Every packet between a process and the server is late. */
  delay: 'network',
  /** A process and the server exchange a few kilobytes a second. */
  throttle: 'network',
  /** The connections of a process break. */
  cut: 'network',
  /** The connections of a process stay open, and nothing passes. */
  halfOpen: 'network',
  /** The target is down for all. */
  outage: 'target',
  /** The wall clock of a worker process is off. */
  clockJump: 'clock',
  /** Visibility answers the processes late, wrongly or not at all. */
  visibility: 'visibility',
  /** A worker process is stopped, and replaced by one of another build. */
  deployWorker: 'worker',
  /** A recovery worker is stopped, and replaced by one of another build. */
  deployRecovery: 'recovery',
} as const;

export type FaultKind = keyof typeof HITS;
const DEPLOYS: readonly FaultKind[] = ['deployWorker', 'deployRecovery'];
/** They have times of their own, so that each lie comes up in a short campaign too. */
const VISIBILITY: FaultKind = 'visibility';
export const ALL_KINDS = Object.keys(HITS) as FaultKind[];
export const FAULT_KINDS = ALL_KINDS.filter((kind) => !DEPLOYS.includes(kind));

/** How the target is down. */
export const OUTAGES = ['503', '429', 'hang', 'reset'] as const;
export type Outage = (typeof OUTAGES)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly forMs: number;
  /** Which of the processes of this kind. */
  readonly slot: number;
  /** 0 to 1: how bad. */
  readonly strength: number;
  readonly outage: Outage;
  /** Of a fault of visibility. */
  readonly lie?: Lie;
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** From one fault to the next, on average. */
  readonly everyMs: number;
  /** The shortest and the longest fault. */
  readonly forMs: readonly [number, number];
  /** Worker processes, and recovery worker processes. */
  readonly workers: number;
  readonly recoveryWorkers: number;
  /** There are two builds, and one follows on the other, in both directions. */
  readonly deploys?: boolean;
}

/**
 * The faults of a campaign, by time; the same for the same options. Kinds take turns in rounds of random order, so that
 * each comes up in a short campaign too.
 */
export function scheduleFaults(options: ScheduleOptions): Fault[] {
  const random = randomOf(options.seed);
  const faults: Fault[] = [];
  const freeAt = new Map<string, number>();
  const kinds = (options.deploys ? ALL_KINDS : FAULT_KINDS).filter((kind) => kind !== VISIBILITY);
  let turn: FaultKind[] = [];
  const next = () => between(random, 0.5, 1.5) * options.everyMs;
  for (let at = next(); at + options.forMs[0] < options.durationMs; at += next()) {
    if (turn.length === 0) turn = shuffled(random, kinds);
    const index = turn.findIndex((kind) => (freeAt.get(HITS[kind]) ?? 0) <= at);
    if (index < 0) continue;
    const [kind] = turn.splice(index, 1) as [FaultKind];
    const forMs = Math.min(between(random, ...options.forMs), options.durationMs - at);
    const slots = HITS[kind] === 'recovery' ? options.recoveryWorkers : options.workers;
    faults.push({
      ...{ kind, atMs: Math.round(at), forMs: Math.round(forMs) },
      ...{ slot: Math.floor(random() * slots), strength: random(), outage: pick(random, OUTAGES) },
    });
    freeAt.set(HITS[kind], at + forMs);
  }
  return [...faults, ...scheduleLies(options)].sort((a, b) => a.atMs - b.atMs);
}

/** Most of the time visibility lies: long enough each time that a redrive that begins meanwhile lists its letters. */
function scheduleLies({ seed, durationMs, everyMs, forMs: [shortest, longest] }: ScheduleOptions): Fault[] {
  const random = randomFor(seed, VISIBILITY);
  const faults: Fault[] = [];
  let turn: Lie[] = [];
  for (let at = everyMs / 2; ; ) {
    const forMs = between(random, (shortest + longest) / 2, longest);
    if (at + forMs > durationMs) return faults;
    if (turn.length === 0) turn = shuffled(random, LIES);
    faults.push({
      ...{ kind: VISIBILITY, atMs: Math.round(at), forMs: Math.floor(forMs), lie: turn.shift() },
      ...{ slot: 0, strength: random(), outage: OUTAGES[0] },
    });
    at += forMs + between(random, 0.2, 0.5) * everyMs;
  }
}
