// Run in a project of its own, beside one version of the SDK: the main paths of the package against a real server. Prints
// what came of each as JSON in its last line; versions.test.ts says what that should be.
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import { RecoveryClient } from 'temporal-recovery/client';
import type { Call } from './call.js';
import type { sync, wait } from './workflows.js';

const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
const run = `versions-${process.pid}-${Date.now()}`;
const workflowsPath = require.resolve('./workflows.js');
const OWN_CONVERTER = { payloadConverterPath: require.resolve('./own-converter.js') };
const LARGE = 'x'.repeat(1_100_000);

let isMended = false;
const attempts = new Map<string, number>();
const activities = {
  async write({ name, failures, status, text, isFinal }: Call): Promise<string> {
    const attempt = (attempts.get(name) ?? 0) + 1;
    attempts.set(name, attempt);
    if (failures === 'until mended' ? !isMended : attempt <= failures) {
      if (isFinal) throw ApplicationFailure.nonRetryable(`${name} failed`);
      throw Object.assign(new Error(`${name} failed`), { status });
    }
    return text === undefined ? `${name} written` : `${name} written, ${text.length}`;
  },
};

const outcomes: Record<string, unknown> = {};

async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const pluginOptions = { breaker: false as const, patience: 0, retryDelay: 10, queue: run };
  const common = { connection, namespace, activities, workflowsPath };
  try {
    const plain = new Scene(new Client({ connection: clientConnection, namespace }), 'plain');
    await plain.withWorker(
      common,
      new RecoveryPlugin({ ...pluginOptions, taskQueue: plain.recoveryQueue }),
      () => mainPaths(plain),
    );
    const behind = new Scene(new Client({ connection: clientConnection, namespace }), 'breaker');
    const openTime = { '*': { openTime: '2s' } };
    const breaking = new RecoveryPlugin({
      taskQueue: behind.recoveryQueue,
      breakers: openTime,
      retryDelay: 10,
    });
    await behind.withWorker(common, breaking, () => breaker(behind));
    const observed = new Scene(new Client({ connection: clientConnection, namespace }), 'observe');
    const observing = new RecoveryPlugin({ mode: 'observe', taskQueue: observed.recoveryQueue });
    await observed.withWorker(common, observing, () => observe(observed));
    const client = new Client({ connection: clientConnection, namespace, dataConverter: OWN_CONVERTER });
    const converted = new Scene(client, 'own-converter');
    const converting = new RecoveryPlugin({ ...pluginOptions, taskQueue: converted.recoveryQueue });
    await converted.withWorker({ ...common, dataConverter: OWN_CONVERTER }, converting, () =>
      ownConverter(converted),
    );
  } finally {
    await clientConnection.close();
    await connection.close();
  }
}

class Scene {
  readonly taskQueue: string;
  readonly recoveryQueue: string;
  readonly recovery: RecoveryClient;

  constructor(
    readonly client: Client,
    name: string,
  ) {
    this.taskQueue = `${run}-${name}`;
    this.recoveryQueue = `${this.taskQueue}-recovery`;
    this.recovery = new RecoveryClient({ client, taskQueue: this.recoveryQueue });
    isMended = false;
  }

  async withWorker(
    options: Omit<WorkerOptions, 'taskQueue'>,
    plugin: RecoveryPlugin,
    act: () => Promise<void>,
  ): Promise<void> {
    const { taskQueue } = this;
    const worker = await Worker.create({ ...options, taskQueue, plugins: [plugin], shutdownGraceTime: '1s' });
    await worker.runUntil(act());
  }

  start<F extends typeof sync | typeof wait>(type: string, call: Call): Promise<WorkflowHandle<F>> {
    const { taskQueue } = this;
    return this.client.workflow.start<F>(type, {
      taskQueue,
      workflowId: `${taskQueue}-${call.name}`,
      args: [call] as never,
    });
  }

  async sync(call: Call) {
    return (await this.start<typeof sync>('sync', call)).result();
  }

  /** The letter that a workflow waits for, once it is there. */
  async letterOf(handle: WorkflowHandle): Promise<string> {
    return eventually(async () => {
      const { raw } = await handle.describe();
      return (
        raw.pendingChildren?.find(({ workflowId }) => workflowId?.startsWith('dead-letter/'))?.workflowId ??
        undefined
      );
    });
  }
}

const rejected = (name: string): Call => ({ name, failures: 'until mended', status: 422 });

async function mainPaths(scene: Scene): Promise<void> {
  const { recovery } = scene;
  outcomes.healthy = await scene.sync({ name: 'healthy', failures: 0 });
  outcomes.retried = await scene.sync({ name: 'retried', failures: 2, status: 503 });
  const failed = await scene.sync(rejected('rejected'));
  const letter = recovery.deadLetters.get(failed.letter ?? '');
  outcomes.deadLettered = { message: failed.message, status: (await letter.state()).status };
  const others = await Promise.all(['a', 'b', 'c'].map((name) => scene.sync(rejected(name))));
  const small = await scene.start<typeof wait>('wait', rejected('parked'));
  const large = await scene.start<typeof wait>('wait', { ...rejected('parked-large'), text: LARGE });
  const parked = await Promise.all([small, large].map((handle) => scene.letterOf(handle)));
  isMended = true;
  outcomes.replayed = (await letter.replay({ by: 'test' })).outcome;
  for (const id of parked) await recovery.deadLetters.get(id).replay({ by: 'test' });
  outcomes.parked = [await small.result(), await large.result()];
  const redrive = await recovery.redrives.start({
    ids: others.map(({ letter: id }) => id ?? ''),
    by: 'test',
  });
  const { status, outcomes: letters } = await redrive.result();
  outcomes.redriven = [status, ...letters.map(({ outcome }) => outcome)];
  await replayHistories(scene, [small, large]);
}

/** Histories written by this version replay with it. */
async function replayHistories(scene: Scene, handles: WorkflowHandle[]): Promise<void> {
  for (const handle of [...handles, scene.client.workflow.getHandle(`${scene.taskQueue}-rejected`)]) {
    await Worker.runReplayHistory(
      { workflowsPath, plugins: [new RecoveryPlugin()] },
      await handle.fetchHistory(),
      handle.workflowId,
    );
  }
  outcomes.historiesReplay = true;
}

async function breaker(scene: Scene): Promise<void> {
  const name = (
    await eventually(async () => {
      // It is made at the first failure.
      await scene.sync({ name: `trouble-${attempts.size}`, failures: 1, status: 503 });
      return (await scene.recovery.breakers.list()).find((each) => each.name.includes(scene.taskQueue));
    })
  ).name;
  const handle = scene.recovery.breakers.get(name);
  await handle.forceOpen({ by: 'test' });
  await eventually(async () => (await handle.describe()).status === 'FORCED_OPEN');
  const held = await scene.start<typeof sync>('sync', { name: 'held', failures: 0 });
  await eventually(async () => {
    const [pending] = (await held.describe()).raw.pendingActivities ?? [];
    return pending?.lastFailure?.applicationFailureInfo?.type === 'CircuitOpen';
  });
  const { status } = await held.describe();
  await handle.reset({ by: 'test' });
  outcomes.breaker = { whileOpen: status.name, afterwards: await held.result(), calls: attempts.get('held') };
}

async function observe(scene: Scene): Promise<void> {
  const failed = await scene.sync({ name: 'observed', failures: 'until mended', isFinal: true });
  const { events = [] } = await scene.client.workflow.getHandle(`${scene.taskQueue}-observed`).fetchHistory();
  const markers = events?.filter((event) => event.markerRecordedEventAttributes).length;
  outcomes.observed = { ...failed, markers };
}

async function ownConverter(scene: Scene): Promise<void> {
  const failed = await scene.sync(rejected('own-rejected'));
  const parked = await scene.start<typeof wait>('wait', rejected('own-parked'));
  const parkedLetter = await scene.letterOf(parked);
  isMended = true;
  const replayed = await scene.recovery.deadLetters.get(failed.letter ?? '').replay({ by: 'test' });
  await scene.recovery.deadLetters.get(parkedLetter).replay({ by: 'test' });
  outcomes.ownConverter = { replayed: replayed.outcome, parked: await parked.result() };
}

async function eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`did not happen within 30 s: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

main().then(
  () => {
    console.log(JSON.stringify(outcomes));
    // With SDK 1.16 a process that has replayed a history may not end by itself, without our plugin neither.
    process.exit(0);
  },
  (error) => {
    console.error(error, JSON.stringify(outcomes));
    process.exitCode = 1;
  },
);
