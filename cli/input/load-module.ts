import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../exit-codes.js';

/**
 * The exports of a CommonJS or ES module: a file, seen from the current folder, or the name of a package that is installed
 * there.
 * @throws UsageError that names the flag
 */
export async function loadModule(flag: string, module: string): Promise<Record<string, unknown>> {
  try {
    const here = createRequire(join(process.cwd(), 'any.js'));
    const isPath = /^\.{0,2}\//.test(module) || /\.[cm]?js$/.test(module);
    const path = here.resolve(isPath ? resolve(module) : module);
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${flag}: ${module} could not be loaded: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
