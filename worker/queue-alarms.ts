import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@temporalio/client';
import type { QueueBook } from '../common/dead-letter/queue-settings.js';
import type { WorkerTelemetry } from './telemetry.js';

interface Watched {
  readonly client: Client;
  readonly maxLetters: number;
  isAbove: boolean;
  nextCountAt: number;
  timer?: NodeJS.Timeout;
}

interface Pace {
  /** Milliseconds until a letter that was written is counted: visibility lags a moment. */
  readonly delayMs: number;
  /** Milliseconds between two counts. */
  readonly intervalMs: number;
}

/**
 * Counts the open letters of queues that have `maxLetters`, a moment after one was written, and from then on once a
 * minute for as long as there are too many: so the alarm is heard once, and ends.
 */
export class QueueAlarms {
  /** Workers that use it. */
  private users = 0;
  private readonly watched = new Map<string, Watched>();
  /** Requests of an activity end with it; those made here do not. */
  private readonly outsideOfActivities = AsyncLocalStorage.snapshot();

  constructor(
    private readonly queues: QueueBook,
    private readonly telemetry: Pick<WorkerTelemetry, 'queueLetters' | 'warn' | 'fault'>,
    private readonly pace: Pace = { delayMs: 1_000, intervalMs: 60_000 },
  ) {}

  /** @returns stops the use; after the last one nothing is counted any more */
  use(): () => void {
    this.users++;
    return () => {
      if (--this.users > 0) return;
      for (const { timer } of this.watched.values()) clearTimeout(timer);
      this.watched.clear();
    };
  }

  /** A letter was written. Never throws. */
  letterWritten(client: Client, queue: string): void {
    const { maxLetters } = this.queues.of(queue);
    if (maxLetters === undefined || this.users === 0) return;
    const key = JSON.stringify([client.options.namespace, queue]);
    const known = this.watched.get(key);
    const watched = known ?? { client, maxLetters, isAbove: false, nextCountAt: 0 };
    if (known === undefined) this.watched.set(key, watched);
    this.plan(queue, watched);
  }

  private plan(queue: string, watched: Watched): void {
    if (watched.timer !== undefined) return;
    const waitMs = Math.max(this.pace.delayMs, watched.nextCountAt - performance.now());
    watched.timer = this.outsideOfActivities(() =>
      setTimeout(() => {
        watched.nextCountAt = performance.now() + this.pace.intervalMs;
        void this.count(queue, watched).finally(() => {
          watched.timer = undefined;
          if (watched.isAbove && this.users > 0) this.plan(queue, watched);
        });
      }, waitMs),
    );
    watched.timer.unref();
  }

  private async count(queue: string, watched: Watched): Promise<void> {
    const { client, maxLetters } = watched;
    try {
      const letters = await listing().countOpenDeadLetters(client, queue);
      this.telemetry.queueLetters(queue, letters);
      const isAbove = letters > maxLetters;
      if (isAbove && !watched.isAbove)
        this.telemetry.warn('a dead-letter queue has more letters than it should', {
          queue,
          letters,
          maxLetters,
        });
      watched.isAbove = isAbove;
    } catch (fault) {
      if (this.users > 0) this.telemetry.fault('counting dead letters', fault);
    }
  }
}

/** Only workers with a limit for a queue need it. */
function listing(): typeof import('../client/dead-letter/listing.js') {
  return require('../client/dead-letter/listing.js');
}
