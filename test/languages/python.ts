import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir } from '../../examples/temporal-server/cache.js';
import { withLock } from '../../examples/temporal-server/lock.js';
import { has } from './has.js';

const run = promisify(execFile);
const SDK = 'temporalio==1.31.0';
/** Outside of the repository, and kept: the SDK is 15 MB. */
const folder = join(cacheDir(process.env), SDK.replace('==', '-'));
/** What the SDK and its installation need. */
const CHECK = 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))';

/** The interpreter that has the Python SDK. */
export const python = join(folder, 'bin', 'python');

/** Why tests with Python are skipped; false if they run. */
export const skipPython = has('python3', '-c', CHECK)
  ? false
  : 'Python 3.10 or later, with venv, is not on this machine';

/** Installs the SDK at the first use. Test files may ask for it at the same time. */
export async function installPythonSdk(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await withLock(`${folder}.lock`, { onWait: () => undefined }, async () => {
    const ready = join(folder, 'ready');
    if (existsSync(ready)) return;
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SDK], {
      timeout: 150_000,
    });
    writeFileSync(ready, '');
  });
}
