import { ApplicationFailure, type RawValue } from '@temporalio/common';
import { condition, log, scheduleActivity, sleep, uuid4 } from '@temporalio/workflow';
import { readAlerts } from '../../common/alerts/alert-event.js';
import type { AlertQueue, HookDelivery } from '../../common/alerts/alert-queue.js';
import {
  type AlertDelivery,
  kindsOf,
  type Looked,
  type LookResult,
  NO_HOOKS_HERE,
} from '../../common/alerts/messages.js';
import { DELIVER_ALERTS_ACTIVITY, LOOK_FOR_ALERTS_ACTIVITY } from '../../common/contract.js';
import { readResult } from '../messages/raw-values.js';

/** Of recovery workers only some may have hooks: another one is tried soon. */
const retryLook = { initialInterval: '1s', backoffCoefficient: 1.2, maximumInterval: '10s' } as const;
const retryDelivery = { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;
/** Looks that fail in a row, ten minutes each, until the hooks are taken for gone. Workers that have hooks announce them again. */
const MAX_FAILED_LOOKS = 2;
/** A look or a delivery that is under way is awaited this long before the next run: longer than the call of a hook takes. */
const SETTLE_MS = 35_000;

/** Then a delivery is given up. */
const GIVE_UP_MS = 24 * 3_600_000;
/** One last attempt. */
const LEAST_MS = 60_000;

/** Serves the hooks, as long as recovery workers have some. */
export class AlertDesk {
  private looking = false;
  /** Names of the hooks that are called at the moment. */
  private readonly delivering = new Set<string>();
  private failedLooks = 0;
  private isClosing = false;

  constructor(
    private readonly queue: AlertQueue,
    /** Something is to be shown. */
    private readonly changed: () => void,
  ) {}

  /** Never returns: each round looks, then delivers, then waits. A hook that fails delays no other one. */
  async serve(): Promise<never> {
    for (;;) {
      await condition(() => !this.isClosing && (this.looksAt() || this.waiting().length > 0));
      if (this.looksAt()) await this.look();
      if (!this.isClosing) for (const hook of this.waiting()) void this.deliver(hook);
      await sleep(this.queue.hooks?.everyMs ?? 1_000);
    }
  }

  /** Begins nothing more, and waits a moment for what is under way. What is not delivered then is delivered by the next run. */
  async settle(): Promise<void> {
    this.isClosing = true;
    await condition(() => !this.looking && this.delivering.size === 0, SETTLE_MS);
  }

  /** Groups report by themselves. */
  private looksAt(): boolean {
    const { hooks } = this.queue;
    return hooks !== undefined && kindsOf(hooks).some((kind) => kind !== 'group');
  }

  /** Hooks that have events to receive, and are not called right now. */
  private waiting(): string[] {
    return this.queue.behind.filter((hook) => !this.delivering.has(hook));
  }

  private async look(): Promise<void> {
    this.looking = true;
    try {
      const { events, ...looked } = readResult(await lookForAlerts(this.queue.looked));
      this.queue.looked = looked;
      this.queue.add(readAlerts({ v: 1, events }).events, Date.now());
      this.failedLooks = 0;
    } catch (error) {
      log.warn('temporal-recovery: a look at circuit breakers and queues failed', { error });
      if (++this.failedLooks >= MAX_FAILED_LOOKS) {
        this.failedLooks = 0;
        this.queue.stop();
      }
    } finally {
      this.looking = false;
      this.changed();
    }
  }

  private async deliver(hook: string): Promise<void> {
    const delivery = this.queue.next(hook, uuid4, Date.now());
    if (delivery === undefined) return;
    this.delivering.add(hook);
    try {
      await deliverAlerts(delivery, GIVE_UP_MS - (Date.now() - delivery.since));
      this.queue.ended(delivery, true);
    } catch (error) {
      if (areHooksGone(error)) {
        this.queue.stop();
        return;
      }
      log.error('temporal-recovery: alerts were not delivered within a day', { hook, error });
      this.queue.ended(delivery, false);
    } finally {
      this.delivering.delete(hook);
      this.changed();
    }
  }
}

/** No recovery worker had the hook for long. Those that have hooks announce them again. */
function areHooksGone(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return cause instanceof ApplicationFailure && cause.type === NO_HOOKS_HERE;
}

const lookForAlerts = (looked: Looked): Promise<RawValue<LookResult>> =>
  scheduleActivity(LOOK_FOR_ALERTS_ACTIVITY, [looked], {
    ...{ startToCloseTimeout: '1 minute', scheduleToCloseTimeout: '10 minutes', retry: retryLook },
    summary: 'Looks at circuit breakers and queues',
  });

/** @param leftMs of its day, which goes on in the next run */
function deliverAlerts({ v, hook, batch, events }: HookDelivery, leftMs: number): Promise<void> {
  const delivery: AlertDelivery = { v, hook, batch, events };
  return scheduleActivity(DELIVER_ALERTS_ACTIVITY, [delivery], {
    ...{ startToCloseTimeout: '1 minute', scheduleToCloseTimeout: Math.max(LEAST_MS, leftMs) },
    retry: retryDelivery,
    summary: `Delivers ${events.length === 1 ? '1 alert' : `${events.length} alerts`} to ${hook}`,
  });
}
