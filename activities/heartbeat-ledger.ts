import type { Context, Info } from '@temporalio/activity';
import {
  type AttemptLedger,
  EMPTY_LEDGER,
  isEmpty,
  unwrapDetails,
  wrapDetails,
} from '../common/attempt-ledger.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Carries the ledger in the heartbeat details without the activity noticing: it is taken out before the activity
 * reads them, and put around the activity's own heartbeats as soon as there is something to carry.
 */
export class HeartbeatLedger {
  readonly ledger: AttemptLedger;
  private userDetails: unknown;
  private readonly sendHeartbeat: (details?: unknown) => void;

  constructor(context: Context) {
    const { ledger, details } = unwrapDetails(context.info.heartbeatDetails);
    this.ledger = ledger ?? EMPTY_LEDGER;
    this.userDetails = details;
    this.sendHeartbeat = context.heartbeat;
    if (ledger !== undefined) (context.info as Mutable<Info>).heartbeatDetails = details;
    (context as Mutable<Context>).heartbeat = (userDetails) => {
      this.userDetails = userDetails;
      this.sendHeartbeat(isEmpty(this.ledger) ? userDetails : wrapDetails(this.ledger, userDetails));
    };
  }

  /** Sends the ledger to the next attempt. Delivered together with the failure that follows it. */
  carryOver(context: Context, ledger: AttemptLedger): void {
    // Local activities have no heartbeats.
    if (context.info.isLocal) return;
    const wrapped = wrapDetails(ledger, this.userDetails);
    if (survivesConversion(context, wrapped)) this.sendHeartbeat(wrapped);
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
