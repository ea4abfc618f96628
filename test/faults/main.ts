// `npm run test:faults`: one campaign.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runCampaign } from './campaign.js';
import { HELP, OptionsError, parseOptions } from './options.js';
import { textOf } from './report.js';

async function main(args: readonly string[]): Promise<number> {
  const { seed, size, other, inputs, help } = parseOptions(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  console.log(`Seed ${seed}`);
  if (inputs !== undefined) return sendInputs(seed, inputs);
  const { figures, wrong, folder } = await runCampaign({ seed, size, other, say });
  console.log(`\n${textOf(figures)}`);
  if (wrong.length === 0) {
    console.log('\nAll promises were kept.');
    return 0;
  }
  console.error(`\n${wrong.length} promises were broken (logs in ${folder}):\n${wrong.join('\n')}`);
  return 1;
}

/** The tests of input, longer and with another seed. @returns the exit code */
async function sendInputs(seed: number, count: number): Promise<number> {
  const runner = join(__dirname, '..', 'run.js');
  const env = { ...process.env, INPUT_SEED: `${seed}`, INPUT_COUNT: `${count}` };
  const child = spawn(process.execPath, [runner, 'input/everything', 'input/settings'], {
    env,
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof OptionsError ? error.message : error);
    process.exit(error instanceof OptionsError ? 2 : 1);
  },
);
