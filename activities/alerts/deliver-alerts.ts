import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { type AlertDelivery, NO_HOOKS_HERE } from '../../common/alerts/messages.js';
import { defaultRedactor } from '../../common/errors/index.js';
import { beginning } from '../../common/text/text.js';
import { namespaceOf } from '../namespace.js';
import type { HooksHere } from './hooks.js';

/** A hook that takes longer is called again. Its activity has a minute. */
const CALL_MS = 30_000;
const GONE_AFTER_MS = 20 * 60_000;
/** Attempts that follow each other within a second. */
const SOON = 5;

/** Kept between attempts. */
interface Progress {
  /** Since when no recovery worker that was asked had the hook; milliseconds since the epoch. */
  readonly missingSince?: number;
}

export interface DeliveryTelemetry {
  alertsDelivered(kind: string, count: number): void;
  fault(where: string, error: unknown): void;
}

/** Calls one hook with its events. */
export async function deliverAlerts(
  { hook: name, batch, events }: AlertDelivery,
  here: HooksHere | undefined,
  telemetry: DeliveryTelemetry,
  callMs = CALL_MS,
): Promise<void> {
  const context = Context.current();
  const { info } = context;
  const found = here?.hooks.find((each) => each.name === name);
  if (found === undefined) throw missing(context);
  const own = events.filter(({ kind }) => found.kinds.includes(kind));
  if (own.length === 0) return;
  try {
    const call = found.hook(own, { batch, namespace: namespaceOf(info), attempt: info.attempt });
    await within(callMs, call);
  } catch (error) {
    // Of a heartbeat right before a failure the next attempt knows.
    context.heartbeat({} satisfies Progress);
    telemetry.fault(`the hook ${name}`, new Error(shortly(error)));
    throw ApplicationFailure.retryable(`${name}: ${shortly(error)}`, 'AlertNotDelivered');
  }
  for (const kind of found.kinds) {
    const count = own.filter((event) => event.kind === kind).length;
    if (count > 0) telemetry.alertsDelivered(kind, count);
  }
}

async function within(ms: number, call: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms / 1_000} seconds`)), ms);
  });
  try {
    await Promise.race([call, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** A hook that no recovery worker has had for 20 minutes is taken for gone. */
function missing(context: Context): ApplicationFailure {
  const { attempt, heartbeatDetails } = context.info;
  const { missingSince = Date.now() } = (heartbeatDetails ?? {}) as Progress;
  context.heartbeat({ missingSince } satisfies Progress);
  return noHooksHere(attempt, Date.now() - missingSince >= GONE_AFTER_MS);
}

/** Another recovery worker may have some: at first it is tried soon. */
export function noHooksHere(attempt: number, isFinal = false): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'This recovery worker has no such hook for alerts: give the option alerts to all that run one',
    type: NO_HOOKS_HERE,
    nonRetryable: isFinal,
    nextRetryDelay: attempt <= SOON ? '1s' : '10s',
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** It goes into the history: the address of a webhook is a secret. */
function shortly(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return beginning(defaultRedactor.text(message).replace(/\bhttps?:\/\/\S+/gi, '<url>'), 300);
}
