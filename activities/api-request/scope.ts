import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { heartbeatLedgerOf } from '../failing-call/heartbeat-ledger.js';

/** Of what an attempt has left, kept for telling the server that the time was up. */
const RESERVE = 0.05;
const MAX_RESERVE_MS = 1_000;

/** Why a request was ended by us. */
export class TimedOut extends Error {
  override readonly name = 'TimeoutError';
}

/** The activity around us; undefined outside of one. */
export function currentContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}

/**
 * One request's life: ends with its time-out, with what the activity has left, or when the activity is cancelled, and
 * sends heartbeats until then.
 */
export class RequestScope {
  private readonly controller = new AbortController();
  private readonly releases: (() => void)[] = [];
  readonly signal: AbortSignal = this.controller.signal;

  constructor(timeoutMs: number, context: Context | undefined) {
    const left = context === undefined ? undefined : timeLeft(context);
    const bounded = left !== undefined && left < timeoutMs;
    this.endAfter(
      bounded ? left : timeoutMs,
      bounded
        ? `no complete answer within the ${left} ms that the start-to-close time-out of the activity left`
        : `no complete answer within ${timeoutMs} ms (timeout)`,
    );
    if (context === undefined) return;
    this.followCancellation(context);
    this.sendHeartbeats(context);
  }

  /** Ends the request after a while, unless the returned function is called before. */
  endAfter(ms: number, message: string): () => void {
    const timer = setTimeout(() => this.controller.abort(new TimedOut(message)), ms);
    const release = () => clearTimeout(timer);
    this.releases.push(release);
    return release;
  }

  /** Settles as soon as the scope ends, whether or not the work can be stopped. */
  async race<T>(work: Promise<T> | T): Promise<T> {
    const { signal } = this;
    signal.throwIfAborted();
    let stop = () => {};
    const ended = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop);
    });
    try {
      return await Promise.race([work, ended]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  close(): void {
    for (const release of this.releases) release();
  }

  private followCancellation({ cancellationSignal }: Context): void {
    const cancel = () => this.controller.abort(cancelledFailure(cancellationSignal.reason));
    if (cancellationSignal.aborted) cancel();
    cancellationSignal.addEventListener('abort', cancel);
    this.releases.push(() => cancellationSignal.removeEventListener('abort', cancel));
  }

  /** Without a heartbeat time-out the server does not wait for them. The details sent last are sent again, not erased. */
  private sendHeartbeats(context: Context): void {
    const { heartbeatTimeoutMs, isLocal, heartbeatDetails } = context.info;
    if (!heartbeatTimeoutMs || isLocal) return;
    const ledger = heartbeatLedgerOf(context);
    const beat = () => (ledger === undefined ? context.heartbeat(heartbeatDetails) : ledger.keepAlive());
    const timer = setInterval(beat, Math.max(1, heartbeatTimeoutMs / 3));
    this.releases.push(() => clearInterval(timer));
  }
}

function cancelledFailure(reason: unknown): CancelledFailure {
  return reason instanceof CancelledFailure ? reason : new CancelledFailure('CANCELLED');
}

const firstSeen = new WeakMap<Context, number>();

/** Milliseconds, by this machine's clock alone: that of the server may differ. */
function timeLeft(context: Context): number | undefined {
  const { startToCloseTimeoutMs } = context.info;
  if (!startToCloseTimeoutMs) return undefined;
  const startedAt = heartbeatLedgerOf(context)?.startedAt ?? firstSeen.get(context) ?? Date.now();
  firstSeen.set(context, startedAt);
  const left = startToCloseTimeoutMs - (Date.now() - startedAt);
  return Math.max(1, Math.floor(left - Math.min(MAX_RESERVE_MS, startToCloseTimeoutMs * RESERVE)));
}
