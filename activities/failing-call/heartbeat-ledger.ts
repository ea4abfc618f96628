import type { Context, Info } from '@temporalio/activity';
import {
  type AttemptLedger,
  EMPTY_LEDGER,
  isEmpty,
  ledgerFor,
} from '../../common/failing-call/attempt-ledger.js';
import { unwrapDetails, wrapDetails } from '../../common/failing-call/wrapped-details.js';
import { hash52 } from '../../common/text/text.js';

const ledgerOf = new WeakMap<Context, HeartbeatLedger>();

/** Of the attempt that runs; undefined without the plugin and in local activities. */
export function heartbeatLedgerOf(context: Context): HeartbeatLedger | undefined {
  return ledgerOf.get(context);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Carries the ledger in the heartbeat details without the activity noticing: it is taken out before the activity
 * reads them, and put around the activity's own heartbeats as soon as there is something to carry.
 */
export class HeartbeatLedger {
  /** Of the attempts before this one, and of what this one has carried over. */
  ledger: AttemptLedger;
  /** When the attempt began, in milliseconds since the epoch. */
  readonly startedAt = Date.now();
  /** Of the last heartbeat, by the monotonic clock. */
  sentAt: number | undefined;
  private userDetails: unknown;
  private readonly sendHeartbeat: (details?: unknown) => void;

  constructor(private readonly context: Context) {
    ledgerOf.set(context, this);
    const { ledger, details } = unwrapDetails(context.info.heartbeatDetails);
    this.ledger = ledgerFor(ledger ?? EMPTY_LEDGER, context.info.attempt);
    this.userDetails = details;
    const { heartbeat } = context;
    this.sendHeartbeat = (sent) => {
      this.sentAt = performance.now();
      heartbeat(sent);
    };
    if (ledger !== undefined) (context.info as Mutable<Info>).heartbeatDetails = details;
    (context as Mutable<Context>).heartbeat = (userDetails) => {
      this.userDetails = userDetails;
      this.keepAlive();
    };
  }

  /** Fingerprint of the user's details. */
  get progress(): string | undefined {
    return fingerprint(this.userDetails);
  }

  /** A sign of life that leaves the activity's details as they are. */
  keepAlive(): void {
    this.sendHeartbeat(isEmpty(this.ledger) ? this.userDetails : wrapDetails(this.ledger, this.userDetails));
  }

  /**
   * Sends the ledger to the next attempt. Delivered together with the failure that follows it.
   * @param upTo the server's number of the last attempt that it takes into account
   */
  carryOver(ledger: AttemptLedger, upTo = this.context.info.attempt): void {
    const { info } = this.context;
    // Local activities have no heartbeats.
    if (info.isLocal) return;
    const written = { ...ledger, server: upTo, at: Date.now(), progress: this.progress };
    const wrapped = wrapDetails(written, this.userDetails);
    if (!survivesConversion(this.context, wrapped)) return;
    this.ledger = written;
    this.sendHeartbeat(wrapped);
  }
}

/** Details the converter cannot write would fail the activity; then the times of earlier attempts are not kept. */
function survivesConversion(context: Context, wrapped: unknown): boolean {
  try {
    const { payloadConverter } = context.client.options.loadedDataConverter;
    return (
      unwrapDetails(payloadConverter.fromPayload(payloadConverter.toPayload(wrapped))).ledger !== undefined
    );
  } catch {
    return false;
  }
}

/** Of heartbeat details; undefined for none, and for what is no JSON. */
function fingerprint(details: unknown): string | undefined {
  if (details === undefined) return undefined;
  try {
    return hash52(JSON.stringify(details) ?? '');
  } catch {
    return undefined;
  }
}
