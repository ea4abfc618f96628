import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The CLI release built from source when nothing else can be had. */
export const CLI_VERSION = '1.5.1';

const exe = process.platform === 'win32' ? '.exe' : '';

export function cacheDir(env: NodeJS.ProcessEnv): string {
  if (env.TEMPORAL_RECOVERY_CACHE) return env.TEMPORAL_RECOVERY_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'temporal-recovery');
}

/** Where a build from source ends up. */
export function builtBinary(env: NodeJS.ProcessEnv): string {
  return join(cacheDir(env), `temporal-cli-${CLI_VERSION}`, `temporal${exe}`);
}

/** Where the SDK puts what it downloads. */
export function downloadDir(env: NodeJS.ProcessEnv): string {
  return join(cacheDir(env), 'sdk-download');
}

/** The SDK names its download after itself: `temporal-sdk-typescript-<version>`; the newest name wins. */
export async function downloadedBinary(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const names = await readdir(downloadDir(env)).catch(() => []);
  const name = names
    .filter((each) => each.startsWith('temporal-') && !each.endsWith('.downloading'))
    .sort()
    .at(-1);
  return name === undefined ? undefined : join(downloadDir(env), name);
}

/** A binary that an earlier run left behind. */
export async function cachedBinary(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const built = builtBinary(env);
  return (await isExecutable(built)) ? built : downloadedBinary(env);
}

export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    const candidate = join(directory, `${name}${exe}`);
    if (directory !== '' && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}

export function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
