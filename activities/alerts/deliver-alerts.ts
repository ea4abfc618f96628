import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { AlertDelivery } from '../../common/alerts/messages.js';
import { defaultRedactor } from '../../common/errors/index.js';
import { beginning } from '../../common/text/text.js';
import { namespaceOf } from '../namespace.js';
import type { HooksHere } from './hooks.js';

/** Kept between attempts. */
interface Progress {
  /** Names of hooks that have received the events. */
  readonly done: readonly string[];
}

export interface DeliveryTelemetry {
  alertsDelivered(kind: string, count: number): void;
  fault(where: string, error: unknown): void;
}

/** Calls each hook with the events that it is for. Those that have succeeded are not called again where another one fails. */
export async function deliverAlerts(
  { batch, events }: AlertDelivery,
  here: HooksHere | undefined,
  telemetry: DeliveryTelemetry,
): Promise<void> {
  const context = Context.current();
  const { info } = context;
  if (here === undefined) throw noHooksHere();
  const { done: before = [] } = (info.heartbeatDetails ?? {}) as Partial<Progress>;
  const done = [...before];
  const problems: string[] = [];
  await Promise.all(
    here.hooks.map(async ({ name, kinds, hook }) => {
      const own = events.filter(({ kind }) => kinds.includes(kind));
      if (own.length === 0 || done.includes(name)) return;
      try {
        await hook(own, { batch, namespace: namespaceOf(info), attempt: info.attempt });
        done.push(name);
        for (const kind of kinds) {
          const count = own.filter((event) => event.kind === kind).length;
          if (count > 0) telemetry.alertsDelivered(kind, count);
        }
      } catch (error) {
        telemetry.fault(`the hook ${name}`, new Error(shortly(error)));
        problems.push(`${name}: ${shortly(error)}`);
      }
    }),
  );
  if (problems.length === 0) return;
  // Of a heartbeat right before a failure the next attempt knows.
  context.heartbeat({ done } satisfies Progress);
  throw ApplicationFailure.retryable(problems.join('; '), 'AlertNotDelivered');
}

/** Another recovery worker may have some. */
export function noHooksHere(): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'This recovery worker has no hooks for alerts: give the option alerts to all that run one',
    type: 'NoHooksHere',
    nextRetryDelay: '1s',
  });
}

/** It goes into the history: the address of a webhook is a secret. */
function shortly(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return beginning(defaultRedactor.text(message).replace(/\bhttps?:\/\/\S+/gi, '<url>'), 300);
}
