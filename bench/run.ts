// `npm run bench -- <suite> [part of a benchmark's title…]`: measures, and prints Markdown for docs/benchmarks.md.
import { cpus, loadavg } from 'node:os';
import { Runtime } from '@temporalio/worker';
import { breakerBenchmarks } from './circuit-breaker/index.js';
import { costBenchmarks } from './cost/index.js';
import { deadLetterBenchmarks } from './dead-letter/index.js';
import { limitBenchmarks } from './limits/index.js';
import { overheadBenchmarks } from './overhead/index.js';
import type { Benchmark } from './support/benchmark.js';
import { METRICS_PORT } from './support/rpc-counts.js';
import { openBench } from './support/server.js';

const suites: Readonly<Record<string, readonly Benchmark[]>> = {
  breaker: breakerBenchmarks,
  cost: costBenchmarks,
  dlq: deadLetterBenchmarks,
  limits: limitBenchmarks,
  overhead: overheadBenchmarks,
};

async function main([suite = '', ...filters]: readonly string[]): Promise<number> {
  const benchmarks = suites[suite]?.filter(
    ({ title }) => filters.length === 0 || filters.some((part) => title.includes(part)),
  );
  if (!benchmarks?.length) {
    console.error(`Usage: npm run bench -- <${Object.keys(suites).join('|')}> [part of a title…]`);
    for (const [name, all] of Object.entries(suites)) {
      for (const { title } of all) console.error(`  ${name}: ${title}`);
    }
    return 2;
  }
  Runtime.install({
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    telemetryOptions: { metrics: { prometheus: { bindAddress: `127.0.0.1:${METRICS_PORT}` } } },
  });
  const bench = await openBench();
  try {
    for (const { title, about, run } of benchmarks) {
      // Figures taken beside other work are not to be believed.
      const [load = 0] = loadavg();
      console.log(`\n## ${title}\n\n${about}\n\n${await run(bench)}`);
      console.log(`\nLoad of the machine before: ${load.toFixed(1)} on ${cpus().length} cores.`);
    }
  } finally {
    await bench.cleanup.run();
  }
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
