// `node dist/bench/imports.js [rounds]`: what importing each entry costs, each in a fresh process, one after the other in each
// round, so that load on the machine meets all alike. Prints Markdown for docs/packages.md.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ENTRIES = [
  ['@temporalio/worker'],
  ['@temporalio/worker', 'temporal-recovery'],
  ['@temporalio/activity'],
  ['@temporalio/activity', 'temporal-recovery/activity'],
  ['@temporalio/workflow'],
  ['@temporalio/workflow', 'temporal-recovery/workflow'],
  ['@temporalio/client'],
  ['@temporalio/client', 'temporal-recovery/client'],
] as const;

/** Milliseconds of CPU, which other processes disturb less than the clock. */
const CHILD = `
for (const name of process.argv.slice(1)) require(name);
const { user, system } = process.cpuUsage();
console.log((user + system) / 1000);`;

function measure(names: readonly string[]): number {
  return Number(
    execFileSync(process.execPath, ['-e', CHILD, ...names], { cwd: join(__dirname, '..', '..') }),
  );
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN;
}

function main(rounds: number): void {
  const empty: number[] = [];
  const seen = ENTRIES.map((): number[] => []);
  for (const names of ENTRIES) measure(names);
  for (let round = 0; round < rounds; round++) {
    empty.push(measure([]));
    for (const [at, names] of ENTRIES.entries()) seen[at]?.push(measure(names));
  }
  const node = quantile(empty, 0.5);
  console.log(`${rounds} rounds; milliseconds of CPU without the ${node.toFixed(0)} of Node itself\n`);
  console.log('| imported | median | quartiles | ratio to the line before |\n| --- | --- | --- | --- |');
  for (const [at, names] of ENTRIES.entries()) {
    const times = (seen[at] ?? []).map((time) => time - node);
    // Of one round each, so that what disturbs a round is in both.
    const ratios = times.map((time, round) => time / ((seen[at - 1]?.[round] ?? Number.NaN) - node));
    const show = (part: number) => quantile(times, part).toFixed(0);
    const ratio =
      names.length === 1 ? '' : [0.5, 0.25, 0.75].map((part) => quantile(ratios, part).toFixed(2));
    console.log(
      `| ${names.map((name) => `\`${name}\``).join(' and ')} | ${show(0.5)} | ${show(0.25)} to ${show(0.75)} | ` +
        `${ratio === '' ? '' : `${ratio[0]} (${ratio[1]} to ${ratio[2]})`} |`,
    );
  }
}

main(Number(process.argv[2] ?? 15));
