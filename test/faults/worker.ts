// A worker process of a campaign: one for calls, or a recovery worker.
import { appendFileSync } from 'node:fs';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { type BuildModules, modulesOf } from './builds.js';

/** What the parent process says to a worker process. */
export interface WorkerSettings {
  readonly role: 'calls' | 'recovery';
  /** The root of the package whose plugin it runs. */
  readonly packageRoot: string;
  readonly address: string;
  readonly namespace: string;
  readonly targetUrl: string;
  readonly workflowBundle: { readonly codePath: string };
  readonly patienceMs: number;
  /** Gets warnings, errors and unhandled rejections, one JSON object a line. */
  readonly log: string;
}

export const TASK_QUEUE = 'faults';
export const RECOVERY_TASK_QUEUE = 'faults-recovery';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly error?: string;
}

const CALL_LIMIT_MS = 1_500;

function activitiesOf(targetUrl: string, idempotencyKey: () => string) {
  const call = async (record: string): Promise<string> => {
    const response = await fetch(`${targetUrl}/${encodeURIComponent(record)}`, {
      method: 'POST',
      headers: { 'idempotency-key': idempotencyKey() },
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
    });
    if (response.ok) return response.text();
    throw Object.assign(new Error(`The target answered ${response.status}`), {
      status: response.status,
      headers: Object.fromEntries(response.headers),
    });
  };
  return { write: call, publish: call, approve: call };
}

export type Activities = ReturnType<typeof activitiesOf>;

function createWorker(
  modules: BuildModules,
  settings: WorkerSettings,
  connection: NativeConnection,
): Promise<Worker> {
  const { sdk, plugin, activity, createRecoveryWorker } = modules;
  const { namespace, workflowBundle, patienceMs } = settings;
  if (settings.role === 'recovery') {
    return createRecoveryWorker({
      ...{ connection, namespace, taskQueue: RECOVERY_TASK_QUEUE },
      dataConverter: { payloadCodecs: [], externalStorage: undefined },
    });
  }
  // So that a short campaign sees calls whose attempts are used up.
  const quick = { maxRetries: 4, retryDelay: 500, maxRetryDelay: 5_000, patience: patienceMs };
  return sdk.Worker.create({
    ...{ connection, namespace, workflowBundle, taskQueue: TASK_QUEUE },
    activities: activitiesOf(settings.targetUrl, activity.idempotencyKey),
    shutdownForceTime: '5s',
    plugins: [
      new plugin.RecoveryPlugin({
        ...{ taskQueue: RECOVERY_TASK_QUEUE, runRecoveryWorker: false },
        categories: { SERVER: quick, NETWORK: quick, TIMEOUT: quick, RATE_LIMIT: quick },
        breakers: { '*': { openTime: '2s' } },
        // So that workers for calls ask visibility too.
        queues: { '*': { maxLetters: 1 } },
      }),
    ],
  });
}

async function main(): Promise<void> {
  const settings: WorkerSettings = JSON.parse(process.argv[2] ?? '');
  // At once, because this process may be killed at any moment.
  const note = (line: LogLine) => appendFileSync(settings.log, `${JSON.stringify(line)}\n`);
  process.on('unhandledRejection', (error) => {
    note({ level: 'UNHANDLED', message: error instanceof Error ? (error.stack ?? '') : String(error) });
  });
  const modules = modulesOf(settings.packageRoot);
  const { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } = modules.sdk;
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const { error, problem } = meta ?? {};
      const what = problem === undefined ? message : `${message}: ${problem}`;
      note({ level, message: what, error: error === undefined ? undefined : String(error) });
    }),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
    },
    shutdownSignals: [],
  });
  const connection = await NativeConnection.connect({ address: settings.address });
  const worker = await createWorker(modules, settings, connection);
  process.on('disconnect', () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  });
  process.send?.('ready');
  await worker.run();
  await connection.close();
}

if (require.main === module) {
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
}
