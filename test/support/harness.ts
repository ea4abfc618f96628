import { randomUUID } from 'node:crypto';
import { after, before } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import {
  DefaultLogger,
  MetricsBuffer,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { RecoveryClient } from 'temporal-recovery/client';
import {
  environmentFor,
  startTemporalServer,
  type TemporalConnectionOptions,
  type TemporalServer,
  withoutConnection,
} from '../../examples/temporal-server/index.js';
import { RecoveryPlugin } from '../../worker/index.js';
import type { RecoveryPluginOptions } from '../../worker/options/options.js';
import { withBundle } from './bundles.js';

export const workflowsPath = require.resolve('./workflows.js');

export interface LogLine {
  level: string;
  message: string;
  meta?: Record<string, unknown>;
}

/** Everything logged in this process. */
export const logLines: LogLine[] = [];

/** Updates of metrics in this process; kept where `keep-metrics` was imported first. */
export const metricsBuffer = new MetricsBuffer({ maxBufferSize: 100_000 });

Runtime.install({
  ...(process.env.KEEP_METRICS ? { telemetryOptions: { metrics: { buffer: metricsBuffer } } } : {}),
  logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
    logLines.push({ level, message, meta });
    if (process.env.TEST_LOG) console.error(level, message, meta);
  }),
});

/** One test's corner of a real server: its own task queue, recovery queue and dead-letter queue. */
export interface Harness {
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly recovery: RecoveryClient;
  readonly taskQueue: string;
  readonly recoveryTaskQueue: string;
  readonly queue: string;
  readonly uiUrl: string | undefined;
  readonly namespace: string;
  /** The Temporal CLI, of a server of its own. */
  readonly cliPath: string | undefined;
  /** For processes of their own. */
  readonly connectionOptions: TemporalConnectionOptions;
  plugin(options?: RecoveryPluginOptions): RecoveryPlugin;
  /** A running worker with the plugin; stopped at the end of the test file, or by what it returns. */
  startWorker(options?: Partial<WorkerOptions>): Promise<RunningWorker>;
  /** A further connection, closed at the end of the test file. */
  connect(): Promise<NativeConnection>;
  id(name: string): string;
  close(): Promise<void>;
}

export interface RunningWorker {
  readonly worker: Worker;
  stop(): Promise<void>;
}

/**
 * Registers set-up and clean-up in the surrounding `describe`; the harness is there once tests run. With
 * `dynamicConfig` on a server of its own, whose limits that sets.
 */
export function useHarness(
  name: string,
  setUp?: (harness: Harness) => Promise<unknown>,
  dynamicConfig?: Record<string, string>,
): () => Harness {
  let made: Harness | undefined;
  before(async () => {
    made = await harness(name, dynamicConfig);
    await setUp?.(made);
  });
  after(() => made?.close());
  return () => made as Harness;
}

async function harness(name: string, dynamicConfig?: Record<string, string>): Promise<Harness> {
  const env = dynamicConfig === undefined ? process.env : withoutConnection(process.env);
  const server = await startTemporalServer({ log: () => undefined, dynamicConfig, env });
  const restoreEnvironment = dynamicConfig === undefined ? showToChildren(server) : () => undefined;
  const connection = await NativeConnection.connect(server.connectionOptions);
  const clientConnection = await Connection.connect(server.connectionOptions);
  const { namespace } = server;
  const client = new Client({ connection: clientConnection, namespace });
  const unique = `${name}-${randomUUID().slice(0, 8)}`;
  const running = new Set<RunningWorker>();
  const connections = [connection];
  const made: Harness = {
    connection,
    client,
    namespace,
    cliPath: server.cliPath,
    connectionOptions: server.connectionOptions,
    recovery: new RecoveryClient({ client }),
    taskQueue: `tq-${unique}`,
    recoveryTaskQueue: `recovery-${unique}`,
    queue: unique,
    uiUrl: server.uiUrl,
    // Without circuit breakers and patience, but for the tests that are about them: calls that fail on purpose would open
    // one, and wait for a service.
    plugin: (options) =>
      new RecoveryPlugin({
        ...{ taskQueue: `recovery-${unique}`, queue: unique, breaker: false, patience: 0 },
        ...options,
      }),
    async connect() {
      const another = await NativeConnection.connect(server.connectionOptions);
      connections.push(another);
      return another;
    },
    id: (suffix) => `${unique}-${suffix}`,
    async close() {
      await Promise.all([...running].map((worker) => worker.stop()));
      await clientConnection.close();
      await Promise.all(connections.map((each) => each.close().catch(unlessMetricsAreKept)));
      restoreEnvironment();
      await server.stop();
    },
    async startWorker(options) {
      const worker = await Worker.create(
        await withBundle({
          connection,
          namespace,
          taskQueue: made.taskQueue,
          plugins: [made.plugin()],
          shutdownGraceTime: '2s',
          ...options,
        }),
      );
      return track(worker, running);
    },
  };
  return made;
}

/**
 * Processes that a test starts find its server by the environment: also where the file runs by itself, with
 * `node --test`. @returns what restores the environment
 */
function showToChildren(server: TemporalServer): () => void {
  const before = { ...process.env };
  const shown = environmentFor(server, before);
  Object.assign(process.env, shown);
  return () => {
    for (const name of Object.keys(shown)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  };
}

/** The last connection ends the runtime, and the SDK now and then fails to drain the buffer of metrics then. */
function unlessMetricsAreKept(error: unknown): void {
  if (!process.env.KEEP_METRICS || !/internal error in Neon module/.test(String(error))) throw error;
}

function track(worker: Worker, running: Set<RunningWorker>): RunningWorker {
  const run = worker.run();
  let stopped: Promise<void> | undefined;
  const entry: RunningWorker = {
    worker,
    stop() {
      stopped ??= (async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await run;
        running.delete(entry);
      })();
      return stopped;
    },
  };
  run.catch(() => undefined);
  running.add(entry);
  return entry;
}

/**
 * The one limit for whatever a test waits for. Generous, because a passing test never waits that long, and a machine that
 * does other work as well may be slow.
 */
export const LIMIT_MS = 120_000;

/** Waits until `condition` gives something; fails after `timeoutMs` with what it gave last. */
export async function eventually<T>(
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = LIMIT_MS,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`Did not happen within ${timeoutMs} ms; last: ${last}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
