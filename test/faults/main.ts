// `npm run test:faults`: one campaign.
import { runCampaign } from './campaign.js';
import { HELP, OptionsError, parseOptions } from './options.js';
import { textOf } from './report.js';

async function main(args: readonly string[]): Promise<number> {
  const { seed, size, other, help } = parseOptions(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  console.log(`Seed ${seed}`);
  const { figures, wrong, folder } = await runCampaign({ seed, size, other, say });
  console.log(`\n${textOf(figures)}`);
  if (wrong.length === 0) {
    console.log('\nAll promises were kept.');
    return 0;
  }
  console.error(`\n${wrong.length} promises were broken (logs in ${folder}):\n${wrong.join('\n')}`);
  return 1;
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
