import { alternate, ratios } from '../support/alternate.js';
import type { Benchmark } from '../support/benchmark.js';
import { severalAtOnce } from '../support/several-at-once.js';
import { median } from '../support/statistics.js';
import { table } from '../support/table.js';
import { openScene } from './scene.js';

const LETTERS = 300;
const ROUNDS = 7;

export const capture: Benchmark = {
  title: 'Capturing letters',
  about: `Time to start ${LETTERS} dead letters, 50 at once, against ${LETTERS} starts of a workflow that does nothing; ${ROUNDS} rounds in
turn. Workers run both meanwhile.`,
  async run(bench) {
    const { client, id } = bench;
    const { taskQueue, addLetters, stop } = await openScene(bench, 'capture');
    let round = 0;
    const timed = (task: () => Promise<void>) => async () => {
      round++;
      const start = performance.now();
      await task();
      return performance.now() - start;
    };
    const variants = {
      'empty workflows': timed(() =>
        severalAtOnce(LETTERS, (n) =>
          client.workflow.start('empty', { taskQueue, workflowId: id(`empty-${round}-${n}`) }),
        ),
      ),
      'dead letters': timed(() => addLetters(id('capture'), LETTERS)),
    };
    await alternate(1, variants);
    const costs = await alternate(ROUNDS, variants);
    await stop();
    const multiples = ratios(costs);
    return table(
      ['', 'times an empty workflow', 'a second, median'],
      Object.entries(costs).map(([name, values]) => [
        name,
        multiples[name] ?? '',
        Math.round((LETTERS * 1_000) / median(values)),
      ]),
    );
  },
};
