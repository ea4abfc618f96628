// `npm run test:mutations -- <area>`
import { spawnSync } from 'node:child_process';

const packages = ['@stryker-mutator/core@9', '@stryker-mutator/tap-runner@9'].flatMap((name) => ['-p', name]);
const [area = ''] = process.argv.slice(2);
const { status } = spawnSync(
  'npx',
  ['-y', ...packages, 'stryker', 'run', 'test/mutations/stryker.config.mjs'],
  {
    stdio: 'inherit',
    env: { ...process.env, AREA: area },
    shell: process.platform === 'win32',
  },
);
process.exit(status ?? 1);
