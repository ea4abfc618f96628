import { setTimeout as delay } from 'node:timers/promises';
import type { Visibility } from '../support/visibility.js';
import type { Slot } from './processes.js';
import type { Fault, FaultKind } from './schedule.js';
import type { FileServer } from './server.js';
import type { Target } from './target.js';

/** What faults happen to. */
export interface Stage {
  readonly server: FileServer;
  readonly target: Target;
  readonly visibility: Visibility;
  /** Processes that make calls. */
  readonly workers: readonly Slot[];
  readonly recoveryWorkers: readonly Slot[];
}

const HOUR_MS = 3_600_000;

/** Makes it happen, and mends it after its time. */
type Happening = (stage: Stage, fault: Fault) => Promise<void>;

const HAPPENINGS: Readonly<Record<FaultKind, Happening>> = {
  killWorker: ({ workers }, { forMs, slot, strength }) =>
    // Now and then all of them.
    killed(
      workers.filter((_, index) => index === slot || strength > 0.8),
      forMs,
    ),
  killRecovery: ({ recoveryWorkers }, { slot }) =>
    killed(
      recoveryWorkers.filter((_, index) => index === slot),
      0,
    ),
  recoveryAway: ({ recoveryWorkers }, { forMs }) => killed(recoveryWorkers, forMs),
  async killServer({ server }, { forMs, strength }) {
    await server.kill();
    await delay(forMs * strength);
    await server.start();
  },
  async delay(stage, { forMs, slot, strength }) {
    const network = networkOf(stage, slot, strength);
    network.delayMs = 50 + 950 * strength;
    await delay(forMs);
    network.delayMs = 0;
  },
  async throttle(stage, { forMs, slot, strength }) {
    const network = networkOf(stage, slot, strength);
    network.bytesPerSecond = 2_000 + 30_000 * strength;
    await delay(forMs);
    network.bytesPerSecond = Number.POSITIVE_INFINITY;
  },
  async cut(stage, { slot, strength }) {
    networkOf(stage, slot, strength).cut();
  },
  async halfOpen(stage, { forMs, slot, strength }) {
    const network = networkOf(stage, slot, strength);
    network.halfOpen();
    await delay(forMs);
    network.cutHalfOpen();
  },
  async outage({ target }, { forMs, outage }) {
    target.outage = outage;
    await delay(forMs);
    target.outage = undefined;
  },
  async clockJump({ workers }, { forMs, slot, strength }) {
    workers[slot]?.shiftClock((strength - 0.5) * 2 * HOUR_MS);
    await delay(forMs);
    workers[slot]?.shiftClock(0);
  },
  async visibility({ visibility }, { forMs, lie }) {
    if (lie === undefined) return;
    visibility.begin(lie);
    await delay(forMs);
    visibility.end();
  },
  deployWorker: async ({ workers }, { slot }) => workers[slot]?.replace(),
  deployRecovery: async ({ recoveryWorkers }, { slot }) => recoveryWorkers[slot]?.replace(),
};

/** Resolves when all of them are over, and what they hit is there again. */
export async function happen(stage: Stage, faults: readonly Fault[]): Promise<void> {
  await Promise.all(
    faults.map(async (fault) => {
      await delay(fault.atMs);
      await HAPPENINGS[fault.kind](stage, fault);
    }),
  );
}

async function killed(slots: readonly Slot[], forMs: number): Promise<void> {
  await Promise.all(
    slots.map(async (slot) => {
      await slot.kill();
      await delay(forMs);
      await slot.start();
    }),
  );
}

/** The network of a worker or of a recovery worker. */
function networkOf({ workers, recoveryWorkers }: Stage, slot: number, strength: number) {
  // Its digits behind the first two are as random as the first.
  const isRecovery = (strength * 100) % 1 < 0.3;
  const slots = isRecovery ? recoveryWorkers : workers;
  return (slots[slot % slots.length] as Slot).network;
}
