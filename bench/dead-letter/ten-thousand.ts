import type { Benchmark } from '../support/benchmark.js';
import { withSpread } from '../support/statistics.js';
import { table } from '../support/table.js';
import { openScene } from './scene.js';

const LETTERS = 10_000;
const ROUNDS = 20;

export const tenThousand: Benchmark = {
  title: 'Ten thousand letters',
  about: `With ${LETTERS.toLocaleString('en')} letters in a queue: the newest 50 of them by \`deadLetters.list\` against one bare request for 50
workflows of the same query (${ROUNDS} rounds in turn), their groups, and one redrive of all of them (rate 1,000, concurrency 50).`,
  async run(bench) {
    const { recovery, addLetters, untilListed, untilIdle, stop } = await openScene(bench, 'many');
    const queue = bench.id('many');
    await addLetters(queue, LETTERS);
    await untilListed(queue, LETTERS);
    await untilIdle(queue);
    const lists: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await timed(() => bareList(bench, queue));
      lists.push((await timed(() => recovery.deadLetters.list({ queue, limit: 50 }))) / bare);
    }
    const bare = await timed(() => bareList(bench, queue));
    const groups = (await timed(() => recovery.deadLetters.groups({ queue }))) / bare;
    const start = performance.now();
    const redrive = await recovery.redrives.start({ filter: { queue }, rate: 1_000, concurrency: 50 });
    const report = await redrive.result();
    const seconds = (performance.now() - start) / 1_000;
    const cost = await historyOf(bench, redrive.id);
    await stop();
    return table(
      ['', ''],
      [
        ['listing 50, times the bare request', withSpread(lists)],
        ['all groups, times the bare request', groups.toFixed(0)],
        ['redrive: replayed of all', `${report.replayed} of ${report.total}`],
        ['redrive: letters a second', (LETTERS / seconds).toFixed(0)],
        ['redrive: runs', cost.runs],
        ['redrive: history events in all', cost.events],
        ['redrive: largest history of a run', `${(cost.largest / 1_000).toFixed(0)} KB`],
      ],
    );
  },
};

type Bench = Parameters<Benchmark['run']>[0];

async function bareList({ client }: Bench, queue: string): Promise<void> {
  await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: `WorkflowType = 'deadLetter' AND RecoveryQueue = '${queue}'`,
    pageSize: 50,
  });
}

async function historyOf({ client }: Bench, workflowId: string) {
  const all = [];
  for await (const run of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) all.push(run);
  return {
    runs: all.length,
    events: all.reduce((sum, { historyLength }) => sum + Number(historyLength), 0),
    largest: Math.max(...all.map(({ historySize }) => Number(historySize ?? 0))),
  };
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}
