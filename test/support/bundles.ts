import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundlerPlugin, bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';

const bundles = new Map<string, Promise<string>>();
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * The same options with the workflows bundled: once for all workers that have the same code, also of other files of one run of
 * the tests. Otherwise each worker bundles for itself, which stops the event loop of all tests of its file for seconds.
 */
export async function withBundle(options: WorkerOptions): Promise<WorkerOptions> {
  const { workflowsPath, dataConverter, interceptors, bundlerOptions, plugins = [] } = options;
  const isSpecial =
    bundlerOptions !== undefined ||
    interceptors?.workflowModules !== undefined ||
    dataConverter?.payloadConverterPath !== undefined ||
    dataConverter?.failureConverterPath !== undefined ||
    // Of a connection, the SDK adds its plugins to those of the worker.
    (options.connection?.plugins.length ?? 0) > 0 ||
    plugins.some(({ name }) => name !== 'temporal-recovery');
  if (workflowsPath === undefined || isSpecial) return options;
  const key = JSON.stringify([workflowsPath, plugins.length > 0]);
  const made = bundles.get(key) ?? kept(key, () => bundleOf(workflowsPath, plugins as BundlerPlugin[]));
  bundles.set(key, made);
  return { ...options, workflowsPath: undefined, workflowBundle: { code: await made } };
}

async function bundleOf(workflowsPath: string, plugins: BundlerPlugin[]): Promise<string> {
  return (await bundleWorkflowCode({ workflowsPath, plugins, logger: silent })).code;
}

/** In a folder of the run of the tests, where there is one: the code does not change while it lasts. */
async function kept(key: string, make: () => Promise<string>): Promise<string> {
  const { TEST_BUNDLES: folder } = process.env;
  if (folder === undefined) return make();
  const path = join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 16)}.js`);
  if (existsSync(path)) return readFile(path, 'utf8');
  const code = await make();
  // Whole, or not at all: other files look for it meanwhile.
  await writeFile(`${path}.${process.pid}`, code);
  await rename(`${path}.${process.pid}`, path);
  return code;
}
