import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { builtBinary, CLI_VERSION, cacheDir, isExecutable } from './cache';
import { withLock } from './lock';
import { elapsed } from './text';
import type { Settings } from './types';

const MODULE = `github.com/temporalio/cli/cmd/temporal@v${CLI_VERSION}`;
const TELL_EVERY_MS = 15_000;
const TEMPORARY = 'build-';

/** Builds the CLI from source into the cache, once for all processes that want it, and returns the binary. */
export async function buildCli(go: string, settings: Settings): Promise<string> {
  const cache = cacheDir(settings.env);
  const target = builtBinary(settings.env);
  await mkdir(cache, { recursive: true });
  const onWait = () => settings.log('Another process is building the Temporal CLI; waiting for it…');
  return withLock(join(cache, `temporal-cli-${CLI_VERSION}.lock`), { onWait }, async () => {
    // The one we waited for has done the work.
    if (await isExecutable(target)) return target;
    await removeLeftovers(cache);
    const directory = await mkdtemp(join(cache, TEMPORARY));
    try {
      await goInstall(go, directory, settings);
      await mkdir(dirname(target), { recursive: true });
      // Atomic: half a binary is never visible.
      await rename(join(directory, basename(target)), target);
      return target;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
}

/** Directories of builds that were killed; the holder of the lock is the only builder. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(TEMPORARY)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function goInstall(go: string, directory: string, settings: Settings): Promise<void> {
  const { log, env } = settings;
  log(`Building the Temporal CLI ${CLI_VERSION} from source, once: about 6 minutes and 250 MB to download…`);
  const started = Date.now();
  const lines: string[] = [];
  let packages = 0;
  const child = spawn(go, ['install', '-v', MODULE], {
    env: { ...env, GOBIN: directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    // `-v` prints the import path of each package as it is compiled, and `go: downloading …` before.
    if (/^[\w.-]+(\/\S+)*$/.test(line)) packages++;
    else if (!line.startsWith('go: downloading')) lines.push(line);
  });
  const timer = setInterval(() => {
    log(`Building the Temporal CLI: ${elapsed(Date.now() - started)}, ${packages} packages compiled`);
  }, TELL_EVERY_MS);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (code !== 0)
      throw new Error([`go install ended with ${signal ?? code}`, ...lines.slice(-10)].join('\n    '));
  } finally {
    clearInterval(timer);
  }
  log(`Built the Temporal CLI in ${elapsed(Date.now() - started)}.`);
}
