import { withoutConnection } from './environment';
import { startGuarded } from './guarded-process';
import { freePorts, HOST } from './ports';
import { untilReady } from './ready';
import { searchAttributeType } from './search-attributes';
import type { Settings, TemporalServer } from './types';

const NAMESPACE = 'default';
const START_TIMEOUT_MS = 60_000;
const START_ATTEMPTS = 5;

class EndedEarly extends Error {}

/**
 * Runs a Temporal CLI binary as a development server with Web UI, in memory or on a file, on free ports.
 *
 * A server that ends before it serves is started again on other ports: it picks more ports for itself than the two
 * it is given, and when somebody takes one of those meanwhile it does not always say so.
 */
export async function runBinary(binary: string, origin: string, settings: Settings): Promise<TemporalServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binary, origin, settings);
    } catch (error) {
      if (!(error instanceof EndedEarly) || attempt === START_ATTEMPTS) throw error;
      settings.log(`${error.message}\nTrying again on other ports.`);
    }
  }
}

async function startOnce(binary: string, origin: string, settings: Settings): Promise<TemporalServer> {
  const { port, uiPort } = await freePorts(settings);
  if (settings.uiPort !== undefined && uiPort !== settings.uiPort) {
    settings.log(`Port ${settings.uiPort} is taken; the Web UI uses ${uiPort}.`);
  }
  const address = `${HOST}:${port}`;
  const uiUrl = `http://${HOST}:${uiPort}`;
  const connectionOptions = { address };
  const server = startGuarded(binary, commandLine(port, uiPort, settings), withoutConnection(settings.env));

  const cancel = new AbortController();
  const early = server.ended.then(({ reason, stderr }) => {
    throw new EndedEarly([`${binary} ended early with ${reason}`, ...stderr].join('\n    '));
  });
  const ready = untilReady({
    connectionOptions,
    namespace: NAMESPACE,
    searchAttributes: settings.searchAttributes,
    uiUrl,
    timeoutMs: START_TIMEOUT_MS,
    signal: cancel.signal,
  });
  try {
    await Promise.race([ready, early]);
  } catch (error) {
    cancel.abort();
    await Promise.allSettled([ready, server.stop()]);
    throw error;
  }

  let stopping = false;
  early.catch((error: Error) => {
    if (!stopping) settings.log(error.message.replace('ended early', 'ended'));
  });
  return {
    address,
    namespace: NAMESPACE,
    uiUrl,
    cliPath: binary,
    origin,
    connectionOptions,
    stop() {
      stopping = true;
      return server.stop();
    },
  };
}

function commandLine(port: number, uiPort: number, settings: Settings): string[] {
  return [
    ...[
      'server',
      'start-dev',
      '--ip',
      HOST,
      '--port',
      `${port}`,
      '--ui-port',
      `${uiPort}`,
      '--log-level',
      'error',
    ],
    ...(settings.metricsPort === undefined ? [] : ['--metrics-port', `${settings.metricsPort}`]),
    ...(settings.database === undefined ? [] : ['--db-filename', settings.database]),
    ...settings.searchAttributes.flatMap((name) => [
      '--search-attribute',
      `${name}=${searchAttributeType(name)}`,
    ]),
    ...Object.entries(settings.dynamicConfig).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${value}`,
    ]),
  ];
}
