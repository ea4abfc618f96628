import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import { RecoveryClient } from 'temporal-recovery/client';
import type { Cleanup } from '../support/cleanup.js';
import { type UiLinks, uiLinks } from '../support/ui-links.js';
import { startTemporalServer } from '../temporal-server/index.js';
import { createActivities } from './activities.js';
import { type Country, loadCountries } from './country.js';
import { FailedAttemptLog } from './failed-attempts.js';
import type { Options } from './options.js';
import { type SourceApi, startSourceApi } from './source-api.js';
import { TargetApi } from './target-api.js';

/** Everything that runs during the demo. */
export interface Environment {
  readonly countries: readonly Country[];
  readonly source: SourceApi;
  readonly target: TargetApi;
  readonly client: Client;
  readonly recovery: RecoveryClient;
  readonly worker: Worker;
  readonly taskQueue: string;
  readonly failedAttempts: FailedAttemptLog;
  /** Undefined where the server's UI is unknown. */
  readonly links: UiLinks | undefined;
}

/** Starts both APIs, the Temporal server and the worker; what has to be stopped again goes to `cleanup`. */
export async function startEnvironment(
  { records, port }: Options,
  cleanup: Cleanup,
  log: (line: string) => void,
): Promise<Environment> {
  const countries = loadCountries(records);
  const source = await startSourceApi({ port, countries });
  cleanup.add(() => source.stop());
  const target = await TargetApi.start({ port: port === 0 ? 0 : port + 1 });
  cleanup.add(() => target.goDown());

  const server = await startTemporalServer({ log });
  cleanup.add(() => server.stop());
  const { namespace, connectionOptions } = server;
  const connection = await Connection.connect(connectionOptions);
  cleanup.add(() => connection.close());
  const nativeConnection = await NativeConnection.connect(connectionOptions);
  cleanup.add(() => nativeConnection.close());

  const client = new Client({ connection, namespace });
  const failedAttempts = new FailedAttemptLog();
  // A queue of its own: on a shared server, two demos must not run each other's activities.
  const taskQueue = `country-sync-${process.pid}`;
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue,
    workflowsPath: require.resolve('./workflows.js'),
    activities: createActivities({ sourceUrl: source.url, targetUrl: target.url }),
    interceptors: { activity: [failedAttempts.interceptors] },
    shutdownForceTime: '5s',
    // The line this demo is about.
    plugins: [new RecoveryPlugin()],
  });
  return {
    countries,
    source,
    target,
    client,
    recovery: new RecoveryClient({ client }),
    worker,
    taskQueue,
    failedAttempts,
    links: server.uiUrl === undefined ? undefined : uiLinks(server.uiUrl, namespace),
  };
}
