import { Connection } from '@temporalio/client';
import type { TemporalConnectionOptions } from './types';

/** Runs `use` with a short-lived connection: none stays open when it throws, and no call in it hangs for ever. */
export async function withConnection<T>(
  options: TemporalConnectionOptions,
  use: (connection: Connection) => Promise<T>,
  timeoutMs = 10_000,
): Promise<T> {
  const connection = Connection.lazy({ ...options, connectTimeout: '5s' });
  try {
    // Calls GetSystemInfo: proves that a Temporal frontend answers, not merely that a port is open.
    await connection.ensureConnected();
    return await connection.withDeadline(Date.now() + timeoutMs, () => use(connection));
  } finally {
    await connection.close();
  }
}
