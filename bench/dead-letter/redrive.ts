import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { alternate, ratios } from '../support/alternate.js';
import type { Benchmark } from '../support/benchmark.js';
import { median } from '../support/statistics.js';
import { table } from '../support/table.js';
import { openScene } from './scene.js';

const LETTERS = 500;
const ROUNDS = 5;

export const redrive: Benchmark = {
  title: 'Redriving letters',
  about: `Time to replay ${LETTERS} letters, from the order to the last call of the activity: by a redrive (rate 1,000, concurrency 50)
and by the server's own batch (\`temporal workflow signal --query … --rps 1000\`), which knows no outcomes; ${ROUNDS} rounds in turn.`,
  async run(bench) {
    const scene = await openScene(bench, 'redrive');
    const cli = bench.server.cliPath;
    if (cli === undefined) throw new Error('The Temporal CLI is needed, for its batch');
    let round = 0;
    const timed = (replay: (queue: string) => Promise<unknown>) => async () => {
      const queue = bench.id(`redrive-${round++}`);
      await scene.addLetters(queue, LETTERS);
      await scene.untilListed(queue, LETTERS);
      await scene.untilIdle(queue);
      const before = scene.calls();
      const start = performance.now();
      await replay(queue);
      await scene.untilCalled(before + LETTERS);
      return performance.now() - start;
    };
    const variants = {
      'batch of the server': timed((queue) =>
        batch(cli, bench.server.address, bench.server.namespace, queue),
      ),
      redrive: timed((queue) =>
        scene.recovery.redrives.start({ filter: { queue }, rate: 1_000, concurrency: 50 }),
      ),
    };
    const costs = await alternate(ROUNDS, variants);
    await scene.stop();
    const multiples = ratios(costs);
    return table(
      ['', 'times the batch', 'letters a second, median'],
      Object.entries(costs).map(([name, values]) => [
        name,
        multiples[name] ?? '',
        Math.round((LETTERS * 1_000) / median(values)),
      ]),
    );
  },
};

async function batch(cli: string, address: string, namespace: string, queue: string): Promise<void> {
  await promisify(execFile)(cli, [
    ...['workflow', 'signal', '--address', address, '--namespace', namespace, '--name', 'replay'],
    ...['--query', `WorkflowType = 'deadLetter' AND RecoveryQueue = '${queue}'`],
    ...['--reason', 'benchmark', '--rps', '1000', '--yes'],
  ]);
}
