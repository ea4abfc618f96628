import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { WorkerTelemetry } from './telemetry.js';

/** Without these in common nothing works: raw values are recognised by their class, and a connection belongs to one native core. */
const MUST_BE_ONE = ['worker', 'common', 'workflow'] as const;
/** These find what they share by global symbols, as long as their versions are alike. */
const SHOULD_BE_ONE = ['activity', 'client'] as const;

type Package = (typeof MUST_BE_ONE | typeof SHOULD_BE_ONE)[number];

/** A package of the SDK that the worker and this plugin load from two places. */
export interface TwoCopies {
  /** Name of the package, such as `@temporalio/common`. */
  readonly name: string;
  /** Folder of the copy of the worker. */
  readonly worker: string;
  /** Folder of the copy of this plugin. */
  readonly plugin: string;
}

/** The worker and the plugin have copies of their own of a package of the SDK. */
export class TwoSdkCopiesError extends Error {
  constructor(
    /** The packages of which there are two copies. */
    readonly copies: readonly TwoCopies[],
  ) {
    super(
      `RecoveryPlugin: ${copies.map(describe).join('; ')}. Values of one copy are unknown to the other, and failed activities could not be handled. ` +
        'Install one copy: the same version for all @temporalio packages, then `npm dedupe`, `pnpm dedupe`, or a peer dependency in the package that brings its own',
    );
    this.name = 'TwoSdkCopiesError';
  }
}

/**
 * Notices at the start of a worker that it and this plugin use different copies of the SDK.
 * @param ofWorker the worker or its connection: it tells by its class which copy of `@temporalio/worker` made it
 * @throws TwoSdkCopiesError with both paths, where failed activities could not be handled; `observe` logs it
 */
export function checkSdkCopies(
  ofWorker: object | undefined,
  mode: 'recover' | 'observe',
  telemetry: WorkerTelemetry,
): void {
  const workerFolder = folderOfMaker(ofWorker) ?? folderOf('worker', require);
  if (workerFolder === undefined) return;
  const fatal = MUST_BE_ONE.flatMap((name) => twoCopies(name, workerFolder));
  if (fatal.length > 0 && mode === 'recover') throw new TwoSdkCopiesError(fatal);
  if (fatal.length > 0) telemetry.warn(new TwoSdkCopiesError(fatal).message);
  for (const copies of SHOULD_BE_ONE.flatMap((name) => twoCopies(name, workerFolder))) {
    telemetry.warn(`${describe(copies)}. Install one copy, so that their versions stay alike`);
  }
}

function twoCopies(name: Package, workerFolder: string): TwoCopies[] {
  const plugin = folderOf(name, require);
  const worker =
    name === 'worker' ? workerFolder : folderOf(name, createRequire(join(workerFolder, 'package.json')));
  if (plugin === undefined || worker === undefined || plugin === worker) return [];
  return [{ name: `@temporalio/${name}`, worker, plugin }];
}

function describe({ name, worker, plugin }: TwoCopies): string {
  return `two copies of ${name} in one process: the worker uses ${worker}, the plugin ${plugin}`;
}

/** Undefined where packages are not on disk as they were installed, as in an application bundled into one file. */
function folderOf(name: Package, from: NodeJS.Require): string | undefined {
  try {
    return dirname(from.resolve(`@temporalio/${name}/package.json`));
  } catch {
    return undefined;
  }
}

const MAIN_FILE = /^(.*[\\/]@temporalio[\\/]worker)[\\/]lib[\\/](?:worker|connection)\.js$/;

/** Folder of the loaded copy of `@temporalio/worker` of whose classes this is one. */
function folderOfMaker(made: object | undefined): string | undefined {
  if (made === undefined) return undefined;
  for (const [path, module] of Object.entries(require.cache ?? {})) {
    const folder = MAIN_FILE.exec(path)?.[1];
    if (folder === undefined) continue;
    const { Worker, NativeConnection } = (module?.exports ?? {}) as Record<string, unknown>;
    if ([Worker, NativeConnection].some((type) => typeof type === 'function' && made instanceof type))
      return folder;
  }
  return undefined;
}
