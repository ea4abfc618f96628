import { RecoveryClient } from 'temporal-recovery/client';
import type { RecoveryPluginOptions } from '../../worker/index.js';
import { actionsOf, actionsPer } from '../support/actions.js';
import type { Benchmark } from '../support/benchmark.js';
import type { Bench } from '../support/server.js';
import { severalAtOnce } from '../support/several-at-once.js';
import { table } from '../support/table.js';
import { startWorker } from '../support/worker.js';
import type { many, one } from './workflows.js';

const CALLS = 100;
const OUTAGE_MS = 300_000;

type Row = [what: string, actions: string, types: string];

export const actions: Benchmark = {
  title: 'Actions',
  about: `What the server counts as actions, for each call or letter; ${CALLS} of each. A call is a workflow with one activity that has at most
three attempts.`,
  async run(bench) {
    const rows: Row[] = [];
    for (const [name, recovery] of Object.entries({
      without: undefined,
      with: { breaker: false } as const,
    })) {
      const scene = await openScene(bench, name, recovery);
      rows.push(await scene.measure(`healthy call, ${name} the plugin`, () => scene.calls(200)));
      rows.push(await scene.measure(`call that fails with 422, ${name} the plugin`, () => scene.calls(422)));
      rows.push(await scene.measure(`call that fails with 500, ${name} the plugin`, () => scene.calls(500)));
      if (recovery !== undefined) rows.push(...(await letters(scene)));
      await scene.stop();
    }
    return table(['', 'actions', 'of them'], rows);
  },
};

export const outageActions: Benchmark = {
  title: 'An outage',
  about: `What the server counts as actions, for each of ${CALLS} calls that wait through an outage; default settings.`,
  run: async (bench) => table(['', 'actions', 'of them'], await outage(bench)),
};

type Scene = Awaited<ReturnType<typeof openScene>>;

async function openScene(bench: Bench, name: string, recoveryOptions: RecoveryPluginOptions | undefined) {
  const { client, server, id } = bench;
  const taskQueue = id(`cost-${name}`);
  const service = { status: undefined as number | undefined };
  const stop = await startWorker(
    bench,
    {
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: {
        async write(outcome: number) {
          const status = service.status ?? outcome;
          if (status !== 200) throw Object.assign(new Error(`HTTP ${status}`), { status });
          return 'written';
        },
      },
    },
    recoveryOptions && {
      taskQueue: `${taskQueue}-recovery`,
      queue: taskQueue,
      retryDelay: 10,
      patience: 0,
      ...recoveryOptions,
    },
  );
  let started = 0;
  return {
    ...{ client, taskQueue, service, stop, namespace: server.namespace },
    recovery: new RecoveryClient({ client, taskQueue: `${taskQueue}-recovery` }),
    calls: (outcome: number) =>
      severalAtOnce(CALLS, () =>
        client.workflow.execute<typeof one>('one', {
          workflowId: `${taskQueue}-${started++}`,
          taskQueue,
          args: [outcome],
        }),
      ),
    async measure(what: string, work: () => Promise<unknown>, units = CALLS): Promise<Row> {
      return [what, ...actionsPer(units, await actionsOf(server.namespace, work))];
    },
  };
}

async function letters({ recovery, taskQueue, service, calls, measure }: Scene): Promise<Row[]> {
  const seen = new Set<string>();
  /** So many letters that were not here before. */
  const waiting = async (count: number) => {
    let ids: string[] = [];
    while (ids.length < count) {
      const listed = await recovery.deadLetters.list({ queue: taskQueue, limit: 1_000 });
      ids = listed.map(({ id }) => id).filter((id) => !seen.has(id));
    }
    for (const id of ids) seen.add(id);
    return ids.map((id) => recovery.deadLetters.get(id));
  };
  // Those of the calls that failed with 422 and with 500.
  let open = await waiting(2 * CALLS);
  service.status = 200;
  const rows: Row[] = [];
  const some = open.slice(0, CALLS);
  rows.push(
    await measure('replay by update, or from the command line', () =>
      each(some, (letter) => letter.replay()),
    ),
  );
  const others = open.slice(CALLS);
  rows.push(
    await measure('replay by signal, as in the UI', () => each(others, (letter) => letter.signalReplay())),
  );
  service.status = undefined;
  await calls(422);
  open = await waiting(CALLS);
  rows.push(await measure('letter that is discarded', () => each(open, (letter) => letter.discard())));
  await calls(422);
  await waiting(CALLS);
  service.status = 200;
  const redrive = async () =>
    (await recovery.redrives.start({ filter: { queue: taskQueue }, rate: 100 })).result();
  rows.push(await measure(`letter of a redrive of ${CALLS}`, redrive));
  return rows;
}

/** As the defaults are, but for a breaker of its own where there is one. */
async function outage(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, recovery] of Object.entries({ without: undefined, with: {} })) {
    const { client, taskQueue, service, measure, stop } = await openScene(bench, `${name}-outage`, recovery);
    const whole = async () => {
      service.status = 503;
      const handle = await client.workflow.start<typeof many>('many', {
        ...{ workflowId: `${taskQueue}-many`, taskQueue },
        args: [CALLS, 200],
      });
      await pause(OUTAGE_MS);
      service.status = undefined;
      await handle.result();
    };
    const minutes = OUTAGE_MS / 60_000;
    rows.push(
      await measure(`call that waits through an outage of ${minutes} minutes, ${name} the plugin`, whole),
    );
    if (recovery !== undefined)
      rows.push(await measure('a breaker in a minute without calls', () => pause(60_000), 1));
    await stop();
  }
  return rows;
}

const each = <T>(items: readonly T[], task: (item: T) => Promise<unknown>) =>
  severalAtOnce(items.length, (index) => task(items[index] as T));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
