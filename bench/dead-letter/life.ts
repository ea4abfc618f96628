import type { Benchmark } from '../support/benchmark.js';
import { table } from '../support/table.js';
import { openScene } from './scene.js';

export const life: Benchmark = {
  title: 'The life of a letter',
  about:
    'History events of a letter, by what becomes of it, and the size of its history. The arguments are 40 bytes.',
  async run(bench) {
    const { recovery, addLetters, untilListed, stop } = await openScene(bench, 'life');
    const fates = {
      waiting: async () => undefined,
      'replayed by update': (id: string) => recovery.deadLetters.get(id).replay(),
      'replayed by signal': (id: string) => recovery.deadLetters.get(id).signalReplay(),
      resolved: (id: string) => recovery.deadLetters.get(id).resolve({}),
      discarded: (id: string) => recovery.deadLetters.get(id).discard(),
    };
    const rows = [];
    for (const [name, fate] of Object.entries(fates)) {
      const queue = bench.id(`life-${rows.length}`);
      await addLetters(queue, 1);
      await untilListed(queue, 1);
      const [letter] = await recovery.deadLetters.list({ queue });
      const id = letter?.id ?? '';
      await recovery.deadLetters.get(id).state();
      await fate(id);
      const handle = bench.client.workflow.getHandle(id);
      if (name !== 'waiting') await handle.result();
      const { historyLength, historySize } = await handle.describe();
      rows.push([name, historyLength, `${((historySize ?? 0) / 1_000).toFixed(1)} KB`]);
    }
    await stop();
    return table(['', 'events', 'size'], rows);
  },
};
