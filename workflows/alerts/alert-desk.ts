import type { RawValue } from '@temporalio/common';
import { condition, log, scheduleActivity, sleep, uuid4 } from '@temporalio/workflow';
import { readAlerts } from '../../common/alerts/alert-event.js';
import type { AlertQueue } from '../../common/alerts/alert-queue.js';
import type { AlertDelivery, Looked, LookResult } from '../../common/alerts/messages.js';
import { DELIVER_ALERTS_ACTIVITY, LOOK_FOR_ALERTS_ACTIVITY } from '../../common/contract.js';
import { readResult } from '../messages/raw-values.js';

/** Of recovery workers only some may have hooks: another one is tried soon. */
const retryLook = { initialInterval: '1s', backoffCoefficient: 1.2, maximumInterval: '10s' } as const;
const retryDelivery = { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;
/** Looks that fail in a row, ten minutes each, until the hooks are taken for gone. Workers that have hooks announce them again. */
const MAX_FAILED_LOOKS = 2;
/** A look or a delivery that is under way is awaited this long before the next run. */
const SETTLE_MS = 60_000;

/** Serves the hooks, as long as recovery workers have some. */
export class AlertDesk {
  private looking = false;
  private delivering = false;
  private failedLooks = 0;
  private isClosing = false;

  constructor(
    private readonly queue: AlertQueue,
    /** Something is to be shown. */
    private readonly changed: () => void,
  ) {}

  /** Never returns: each round looks, then delivers, then waits. */
  async serve(): Promise<never> {
    for (;;) {
      await condition(() => !this.isClosing && (this.looksAt() || this.queue.pending > 0));
      if (this.looksAt()) await this.look();
      if (!this.delivering) void this.deliver();
      await sleep(this.queue.hooks?.everyMs ?? 1_000);
    }
  }

  /** Begins nothing more, and waits a moment for what is under way. What is not delivered then is delivered by the next run. */
  async settle(): Promise<void> {
    this.isClosing = true;
    await condition(() => !this.looking && !this.delivering, SETTLE_MS);
  }

  /** Groups report by themselves. */
  private looksAt(): boolean {
    const { kinds = [] } = this.queue.hooks ?? {};
    return kinds.includes('breaker') || kinds.includes('queue');
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

  private async deliver(): Promise<void> {
    const delivery = this.queue.next(uuid4);
    if (delivery === undefined) return;
    this.delivering = true;
    try {
      await deliverAlerts(delivery);
      this.queue.ended(true);
    } catch (error) {
      log.error('temporal-recovery: alerts were not delivered within a day', { error });
      this.queue.ended(false);
    } finally {
      this.delivering = false;
      this.changed();
    }
  }
}

const lookForAlerts = (looked: Looked): Promise<RawValue<LookResult>> =>
  scheduleActivity(LOOK_FOR_ALERTS_ACTIVITY, [looked], {
    ...{ startToCloseTimeout: '1 minute', scheduleToCloseTimeout: '10 minutes', retry: retryLook },
    summary: 'Looks at circuit breakers and queues',
  });

const deliverAlerts = (delivery: AlertDelivery): Promise<void> =>
  scheduleActivity(DELIVER_ALERTS_ACTIVITY, [delivery], {
    ...{ startToCloseTimeout: '1 minute', scheduleToCloseTimeout: '1 day', retry: retryDelivery },
    summary: delivery.events.length === 1 ? 'Delivers 1 alert' : `Delivers ${delivery.events.length} alerts`,
  });
