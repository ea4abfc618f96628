import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { UsageError } from '../exit-codes.js';

/**
 * What a module exports as `dataConverter`, as a CommonJS or ES module: a file, seen from the current folder, or the
 * name of a package that is installed there.
 * @throws UsageError
 */
export async function loadDataConverter(module: string | undefined): Promise<DataConverter | undefined> {
  if (module === undefined) return undefined;
  const found = await load(module);
  const converter = found.dataConverter ?? (found.default as { dataConverter?: unknown })?.dataConverter;
  if (typeof converter === 'object' && converter !== null) return converter as DataConverter;
  throw new UsageError(
    `--data-converter: ${module} must export \`dataConverter\`, an object such as { payloadCodecs: [ … ], payloadConverterPath: '…' }; it exports ${Object.keys(found).join(', ') || 'nothing'}`,
  );
}

async function load(module: string): Promise<Record<string, unknown>> {
  try {
    const here = createRequire(join(process.cwd(), 'any.js'));
    const isPath = /^\.{0,2}\//.test(module) || /\.[cm]?js$/.test(module);
    const path = here.resolve(isPath ? resolve(module) : module);
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`--data-converter: ${module} could not be loaded: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
