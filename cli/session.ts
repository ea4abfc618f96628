import { Client, type Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { RecoveryClient } from '../client/recovery-client.js';
import { connect } from './connection/connect.js';
import { dataConverterOf } from './connection/data-converter.js';
import type { GlobalFlags } from './connection/flags.js';
import { type ConnectionSettings, connectionSettings } from './connection/settings.js';
import { ExitCode, UsageError } from './exit-codes.js';
import { formatOf } from './output/format.js';
import { Output } from './output/output.js';

/** What a command works with. */
export interface Session {
  readonly client: Client;
  readonly recovery: RecoveryClient;
  readonly output: Output;
  readonly settings: ConnectionSettings;
  readonly recoveryTaskQueue: string;
}

/** Exit code; none is success. */
export type Outcome = ExitCode | undefined;

/** Connects, does `work`, and closes the connection in any case. */
export async function withSession(
  command: Command,
  work: (session: Session) => Promise<Outcome>,
): Promise<ExitCode> {
  const flags = command.optsWithGlobals<GlobalFlags>();
  const settings = connectionSettings(flags);
  const dataConverter = await dataConverterOf(flags, settings);
  const connection: Connection = await connect(settings);
  try {
    const client = new Client({
      connection,
      namespace: settings.namespace.value,
      identity: settings.identity,
      dataConverter,
    });
    const session: Session = {
      client,
      recovery: new RecoveryClient({ client, taskQueue: flags.recoveryTaskQueue }),
      output: new Output(formatOf(flags)),
      settings,
      recoveryTaskQueue: flags.recoveryTaskQueue,
    };
    return (await work(session)) ?? ExitCode.DONE;
  } catch (error) {
    throw isUndecodable(error)
      ? undecodable(error, flags.dataConverter ?? settings.codec?.endpoint.value)
      : error;
  } finally {
    await connection.close();
  }
}

/** The SDK's words for a payload that the data converter cannot read: encrypted, or compressed. */
function isUndecodable(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unknown encoding');
}

function undecodable(error: unknown, reader: string | undefined): UsageError {
  const fix =
    reader === undefined
      ? "give --data-converter, the module with your workers' data converter, or --codec-endpoint"
      : `${reader} does not decode it`;
  return new UsageError(`An answer is encoded (${(error as Error).message}): ${fix}`, { cause: error });
}
