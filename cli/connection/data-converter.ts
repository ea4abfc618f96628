import type { DataConverter } from '@temporalio/common';
import { UsageError } from '../exit-codes.js';
import { loadModule } from '../input/load-module.js';
import { CodecServer } from './codec-server.js';
import type { GlobalFlags } from './flags.js';
import type { ConnectionSettings } from './settings.js';

/**
 * How arguments are read: as the module of `--data-converter` says, or by a codec server.
 * @throws UsageError
 */
export async function dataConverterOf(
  flags: Pick<GlobalFlags, 'dataConverter' | 'codecEndpoint'>,
  { codec, namespace }: Pick<ConnectionSettings, 'codec' | 'namespace'>,
): Promise<DataConverter | undefined> {
  if (flags.dataConverter !== undefined) {
    // One of a profile or the environment is there for other tools too.
    if (flags.codecEndpoint !== undefined) {
      throw new UsageError('--data-converter and --codec-endpoint: give one of them');
    }
    return loadDataConverter(flags.dataConverter);
  }
  return codec && { payloadCodecs: [new CodecServer(codec, namespace.value)] };
}

/**
 * What a module exports as `dataConverter`, as a CommonJS or ES module: a file, seen from the current folder, or the
 * name of a package that is installed there.
 * @throws UsageError
 */
export async function loadDataConverter(module: string | undefined): Promise<DataConverter | undefined> {
  if (module === undefined) return undefined;
  const found = await loadModule('--data-converter', module);
  const converter = found.dataConverter ?? (found.default as { dataConverter?: unknown })?.dataConverter;
  if (typeof converter === 'object' && converter !== null) return converter as DataConverter;
  throw new UsageError(
    `--data-converter: ${module} must export \`dataConverter\`, an object such as { payloadCodecs: [ … ], payloadConverterPath: '…' }; it exports ${Object.keys(found).join(', ') || 'nothing'}`,
  );
}
