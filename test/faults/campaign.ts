import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { RecoveryClient } from 'temporal-recovery/client';
import { Cleanup } from '../../examples/support/cleanup.js';
import { GrpcProxy } from '../support/grpc-proxy.js';
import { Visibility } from '../support/visibility.js';
import { type Build, openBuilds } from './builds.js';
import { happen, type Stage } from './faults.js';
import {
  allWritten,
  breakersClose,
  lettersDone,
  listLetters,
  outcomesOf,
  readHistories,
  readLogs,
  redriveWhole,
  writtenOrOneLetter,
} from './invariants.js';
import { LISTED_QUERY, makeListed, redriveListed, writeListed } from './listed.js';
import { parkThroughFaults } from './parked.js';
import { openSlots, type Slot } from './processes.js';
import { pick, randomFor } from './random.js';
import { writeThroughFaults } from './records.js';
import { makeLetters, redriveTheRest, redriveThroughFaults } from './redrive.js';
import { replaysRequested } from './replays.js';
import type { Figures } from './report.js';
import { type CampaignSize, natureOf, type Scene } from './scene.js';
import { scheduleFaults } from './schedule.js';
import { FileServer } from './server.js';
import { Target } from './target.js';
import { TcpProxy } from './tcp-proxy.js';
import { RECOVERY_TASK_QUEUE, type WorkerSettings } from './worker.js';

// This process only replays histories: what its workers log says nothing.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: {
    logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
  },
});

const NAMESPACE = 'default';
/** Before the faults: letters are written. */
const PREPARE_MS = 600_000;

export interface Campaign {
  readonly figures: Figures;
  /** What is not as it was promised, a line each. */
  readonly wrong: readonly string[];
  /** What the processes have logged; kept where something is wrong. */
  readonly folder: string;
}

export interface CampaignOptions {
  readonly seed: number;
  readonly size: CampaignSize;
  /** The root of another build that this one is mixed with. */
  readonly other?: string;
  /** Gets a line for each step. */
  readonly say: (line: string) => void;
}

/**
 * Records, a redrive and parked workflows, while processes, server, network, clocks, target and
 * visibility fail.
 */
export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const { say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-faults-'));
  const cleanup = new Cleanup();
  try {
    const stage = await openStage(options, folder, cleanup);
    say(
      `${stage.workers.length} workers, ${stage.recoveryWorkers.length} recovery workers, ${stage.builds.map(({ version }) => version).join(' and ')}: ${folder}`,
    );
    const { figures, wrong } = await play(options, stage);
    await cleanup.run();
    if (wrong.length === 0) await rm(folder, { recursive: true, force: true });
    return { figures, wrong, folder };
  } catch (error) {
    // At once: what still runs may end this process when its connection is closed.
    say(`ended early, logs in ${folder}: ${error instanceof Error ? error.stack : error}`);
    throw error;
  } finally {
    await cleanup.run();
  }
}

interface OpenStage extends Stage {
  readonly client: Client;
  /** Gets the answers of visibility that the processes get. */
  readonly deceived: Client;
  readonly logs: readonly string[];
  /** This one first. */
  readonly builds: readonly [Build, ...Build[]];
  /** From now on processes start with this build only. */
  readonly endMix: () => void;
}

async function openStage(
  { seed, size, other }: CampaignOptions,
  folder: string,
  cleanup: Cleanup,
): Promise<OpenStage> {
  const server = await FileServer.start(folder);
  cleanup.add(() => server.kill());
  const target = await Target.listen(seed, (record) => natureOf(seed, record));
  cleanup.add(() => target.close());
  const calm = await TcpProxy.listen(server.port);
  cleanup.add(() => calm.close());
  const connection = await Connection.connect({ address: calm.address });
  cleanup.add(() => connection.close());
  const client = new Client({ connection, namespace: NAMESPACE });
  const visibility = new Visibility(client, LISTED_QUERY);
  cleanup.add(async () => visibility.close());
  const proxy = await GrpcProxy.listen(server.port, visibility);
  cleanup.add(() => proxy.close());
  const deceivedConnection = await Connection.connect({ address: proxy.address });
  cleanup.add(() => deceivedConnection.close());
  const deceived = new Client({ connection: deceivedConnection, namespace: NAMESPACE });
  const builds = await openBuilds(folder, other);
  let inUse: readonly Build[] = builds;
  const logs: string[] = [];
  const open = async (role: WorkerSettings['role'], count: number) => {
    const slots = await openSlots(count, proxy.port, (slot) => {
      const log = join(folder, `${role}-${slot}.log`);
      logs.push(log);
      const random = randomFor(seed, `builds of ${role} ${slot}`);
      return () => {
        const { packageRoot, codePath } = pick(random, inUse);
        return {
          ...{ role, log, packageRoot, namespace: NAMESPACE, targetUrl: target.url },
          ...{ workflowBundle: { codePath }, patienceMs: size.patienceMs },
        };
      };
    });
    for (const slot of slots) cleanup.add(() => slot.kill().then(() => slot.network.close()));
    await Promise.all(slots.map((slot) => slot.start()));
    return slots;
  };
  const recoveryWorkers = await open('recovery', size.recoveryWorkers);
  const workers = await open('calls', size.workers);
  const endMix = () => {
    inUse = builds.slice(0, 1);
  };
  return {
    ...{ server, target, visibility, workers, recoveryWorkers },
    ...{ client, deceived, logs, builds, endMix },
  };
}

async function play(
  { seed, size, other, say }: CampaignOptions,
  stage: OpenStage,
): Promise<Omit<Campaign, 'folder'>> {
  const { client, target } = stage;
  const recovery = new RecoveryClient({ client, taskQueue: RECOVERY_TASK_QUEUE });
  const began = Date.now();
  const before = { from: began, until: began + PREPARE_MS };
  const calm: Scene = { seed, size, client, recovery, target, ...before };
  const prepared = await makeLetters(calm);
  const listedBefore = await makeListed(calm);
  say(`${prepared.size + listedBefore.length} letters are there; faults begin`);

  const from = Date.now();
  const until = from + size.faultsMs + size.settleMs;
  const scene: Scene = { seed, size, client, recovery, target, from, until };
  const faults = scheduleFaults({
    ...{ seed, durationMs: size.faultsMs, everyMs: size.everyMs, forMs: size.faultForMs },
    ...{ workers: size.workers, recoveryWorkers: size.recoveryWorkers, deploys: other !== undefined },
  });
  const done = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const result = await work;
    const lateMs = Date.now() - from - size.faultsMs;
    say(
      `${what} ${lateMs < 0 ? 'before the faults end' : `${Math.round(lateMs / 1_000)} s after the faults`}`,
    );
    return result;
  };
  const [, written, report, parked, listedLater, listed] = await Promise.all([
    done(
      `${faults.length} faults are over`,
      happen(stage, faults).then(() => endMix(stage)),
    ),
    done('all records have an end', writeThroughFaults(scene)),
    done('the redrive is done', redriveThroughFaults(scene, prepared)),
    done('all parked workflows have their answer', parkThroughFaults(scene)),
    done('all listed records have an end', writeListed(scene)),
    done('all redrives by filter are done', redriveListed(scene, faults, stage)),
  ]);

  const wrong = parked.flatMap(({ record, story, wrong }) =>
    wrong.map((each) => `${record} (${story}): ${each}`),
  );
  const origins = [...written, ...listedBefore, ...listedLater];
  wrong.push(...[...listed.redrives, ...listed.reads].flatMap((each) => each.wrong));
  const letters = await listLetters(scene);
  wrong.push(...writtenOrOneLetter(scene, origins, letters));
  wrong.push(...(await redriveWhole(scene, 'redrive/through-faults', report, [...prepared.values()])));
  const after = { ...scene, until: Date.now() + size.settleMs };
  const rest = await redriveTheRest(after);
  say(`the last redrive replayed ${rest.replayed} of ${rest.total} letters`);
  const last = await outcomesOf(after, 'redrive/the-rest');
  wrong.push(...(await breakersClose(after)));
  const closed = await listLetters(scene);
  const records = [...origins.flatMap(({ fates }) => Object.keys(fates)), ...prepared.keys()];
  wrong.push(...allWritten(scene, records));
  wrong.push(...(await stopAll([...stage.workers, ...stage.recoveryWorkers])));
  const histories = await readHistories(scene, stage.builds[0].codePath, other !== undefined);
  wrong.push(...histories.wrong, ...lettersDone(closed, histories, parked));
  const redrives = [...listed.redrives, { id: 'redrive/the-rest', outcomes: last }];
  wrong.push(...replaysRequested(redrives, histories.listedReplays));
  const log = readLogs(stage.logs);
  for (const { level, message, error } of log) {
    if (level === 'UNHANDLED') wrong.push(`unhandled rejection: ${message}`);
    if (/could not be written|is lost/i.test(message) && level === 'ERROR') wrong.push(`${message} ${error}`);
  }
  return {
    wrong,
    figures: {
      ...{ seed, size, faults, report, rest, log, histories, listed },
      lies: stage.visibility.told,
      ...{ records: written.flatMap(({ fates }) => Object.values(fates)), parked, letters: letters.length },
      target: target.counts,
      tookMs: Date.now() - began,
    },
  };
}

/** The deployment is over: all processes have this build. */
async function endMix({ builds, endMix, workers, recoveryWorkers }: OpenStage): Promise<void> {
  if (builds.length === 1) return;
  endMix();
  await Promise.all([...workers, ...recoveryWorkers].map((slot) => slot.replace()));
}

/** As a deployment stops them; a process that ended without being asked to is wrong too. */
async function stopAll(slots: readonly Slot[]): Promise<string[]> {
  const ends = await Promise.all(
    slots.map(async (slot) => {
      const end = await slot.stop().then(
        () => [],
        (error: Error) => [`a worker process ${error.message}`],
      );
      return [...end, ...slot.crashes.map((errors) => `a worker process ended: ${errors}`)];
    }),
  );
  return ends.flat();
}
