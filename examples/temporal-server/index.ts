// The Temporal server, found or made. One module serves demo, tests and benchmarks. In this order:
//
//   1. TEMPORAL_ADDRESS: a server that already runs (TLS, API key, namespace as in every Temporal tool;
//      TEMPORAL_UI_URL for its Web UI). It is used, never stopped.
//   2. TEMPORAL_CLI_PATH: this Temporal CLI binary, run as a development server.
//   3. `temporal` on PATH.
//   4. A binary that an earlier run left in the cache (TEMPORAL_RECOVERY_CACHE, by default
//      ~/.cache/temporal-recovery).
//   5. The SDK's own download of the CLI, into that cache.
//   6. `go install` of the CLI, into that cache.
//
// TEMPORAL_RECOVERY_OFFLINE=1 leaves out 5 and 6. What was named explicitly (1 and 2) is used or is an error;
// of the others, one that fails gives way to the next.
import { CLI_VERSION, cacheDir, cachedBinary, findOnPath, isExecutable } from './cache';
import { downloadCli } from './download';
import { useExistingServer } from './existing-server';
import { buildCli } from './go-install';
import { runBinary } from './run-binary';
import { RECOVERY_SEARCH_ATTRIBUTES } from './search-attributes';
import { messageOf } from './text';
import type { Settings, TemporalServer, TemporalServerOptions } from './types';

export { withConnection } from './connect';
export { environmentFor, withoutConnection } from './environment';
export { RECOVERY_SEARCH_ATTRIBUTES, searchAttributeCommand } from './search-attributes';
export type { TemporalConnectionOptions, TemporalServer, TemporalServerOptions } from './types';

export async function startTemporalServer(options: TemporalServerOptions = {}): Promise<TemporalServer> {
  const settings: Settings = {
    log: options.log ?? (() => {}),
    searchAttributes: options.searchAttributes ?? RECOVERY_SEARCH_ATTRIBUTES,
    dynamicConfig: options.dynamicConfig ?? {},
    env: options.env ?? process.env,
    port: options.port,
    uiPort: options.uiPort,
    metricsPort: options.metricsPort,
    database: options.database,
  };
  const server = await findOrMake(settings);
  settings.log(`Temporal server at ${server.address} (${server.origin})`);
  return server;
}

async function findOrMake(settings: Settings): Promise<TemporalServer> {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_CLI_PATH: cliPath } = settings.env;
  if (address) return useExistingServer(address, settings);
  if (cliPath) {
    if (!(await isExecutable(cliPath))) {
      throw new Error(`TEMPORAL_CLI_PATH names no executable file: ${cliPath}`);
    }
    return runBinary(cliPath, `TEMPORAL_CLI_PATH=${cliPath}`, settings);
  }
  const failures: string[] = [];
  for (const source of SOURCES) {
    try {
      const binary = await source.find(settings);
      return await runBinary(binary, `${source.name}: ${binary}`, settings);
    } catch (error) {
      const reason = messageOf(error);
      failures.push(`  - ${source.name}: ${reason}`);
      if (!(error instanceof NotThere)) settings.log(`${source.name}: ${reason}`);
    }
  }
  throw new Error(
    [
      'No Temporal server could be found or made. What was tried:',
      '  - an existing server: TEMPORAL_ADDRESS is not set',
      '  - a given Temporal CLI: TEMPORAL_CLI_PATH is not set',
      ...failures,
      'Install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_CLI_PATH to its binary,',
      'or set TEMPORAL_ADDRESS to a server that runs.',
    ].join('\n'),
  );
}

/** Nothing went wrong, there just is none: worth a line in the final error, not in the log. */
class NotThere extends Error {}

interface Source {
  name: string;
  /** The path of a CLI binary. */
  find(settings: Settings): Promise<string>;
}

const SOURCES: Source[] = [
  {
    name: 'temporal on PATH',
    async find({ env }) {
      return (await findOnPath('temporal', env)) ?? missing('there is none');
    },
  },
  {
    name: 'Temporal CLI cached by an earlier run',
    async find({ env }) {
      return (await cachedBinary(env)) ?? missing(`there is none in ${cacheDir(env)}`);
    },
  },
  {
    name: 'Temporal CLI downloaded by the SDK',
    async find(settings) {
      requireOnline(settings.env);
      return downloadCli(settings);
    },
  },
  {
    name: `Temporal CLI ${CLI_VERSION} built with go install`,
    async find(settings) {
      requireOnline(settings.env);
      const go = (await findOnPath('go', settings.env)) ?? missing('there is no go on PATH');
      return buildCli(go, settings);
    },
  },
];

function requireOnline(env: NodeJS.ProcessEnv): void {
  if (env.TEMPORAL_RECOVERY_OFFLINE === '1') missing('switched off by TEMPORAL_RECOVERY_OFFLINE=1');
}

function missing(reason: string): never {
  throw new NotThere(reason);
}
