import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';

/** Waits. In an activity it sends heartbeats meanwhile, and ends when the activity is cancelled. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  const context = currentContext();
  if (context === undefined) return sleep(ms, undefined, { signal });
  const { heartbeatTimeoutMs, heartbeatDetails } = context.info;
  const beats =
    heartbeatTimeoutMs === undefined || heartbeatTimeoutMs === 0
      ? undefined
      : setInterval(() => context.heartbeat(heartbeatDetails), Math.max(1, heartbeatTimeoutMs / 3));
  try {
    await Promise.race([
      sleep(ms, undefined, { signal: signal ?? context.cancellationSignal }),
      // Rejects with what Temporal expects of a cancelled activity.
      context.cancelled,
    ]);
  } finally {
    clearInterval(beats);
  }
}

function currentContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
