import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A build of the package, as processes of a campaign run it. */
export interface Build {
  readonly version: string;
  readonly packageRoot: string;
  /** The bundle of the workflows, with this build's plugin. */
  readonly codePath: string;
}

/** What a process uses of a build. */
export interface BuildModules {
  readonly sdk: typeof import('@temporalio/worker');
  readonly plugin: typeof import('temporal-recovery');
  readonly activity: typeof import('temporal-recovery/activity');
  readonly createRecoveryWorker: typeof import('../../worker/recovery-worker/create-worker.js').createRecoveryWorker;
}

const OWN_ROOT = resolve(__dirname, '..', '..', '..');

/** The build that is tested, and the one that it is mixed with, if any. */
export async function openBuilds(folder: string, other: string | undefined): Promise<[Build, ...Build[]]> {
  const roots = other === undefined ? [OWN_ROOT] : [OWN_ROOT, resolve(other)];
  const builds = await Promise.all(
    roots.map(async (packageRoot, index) => {
      const codePath = join(folder, `workflows-${index}.js`);
      await promisify(execFile)(process.execPath, [require.resolve('./bundle.js'), packageRoot, codePath]);
      return { packageRoot, codePath, version: versionOf(packageRoot) };
    }),
  );
  return builds as [Build, ...Build[]];
}

export function modulesOf(packageRoot: string): BuildModules {
  const need = requireFrom(packageRoot);
  const { createRecoveryWorker } = need(join(packageRoot, 'dist/worker/recovery-worker/create-worker.js'));
  return {
    sdk: need('@temporalio/worker'),
    plugin: need('temporal-recovery'),
    activity: need('temporal-recovery/activity'),
    createRecoveryWorker,
  };
}

/** As the package's own files do: it and the SDK beside it. */
export function requireFrom(packageRoot: string): NodeJS.Require {
  return createRequire(join(packageRoot, 'package.json'));
}

/** @throws Error if it is not a build of this package */
export function versionOf(packageRoot: string): string {
  const { name, version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  if (name !== 'temporal-recovery') throw new Error(`${packageRoot} has the package "${name}"`);
  return version;
}
