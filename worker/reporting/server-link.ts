import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { countWorkers } from '../../client/server/pollers.js';
import { withLimit } from '../../client/server/with-limit.js';
import { type WaitingActivity, wakeActivity } from '../../client/waiting/wake-activity.js';

const ANSWER_MS = 10_000;

/** Requests of a worker to the server: they end with the worker, and not with the activity that causes them. */
export class ServerLink {
  private readonly closing = new AbortController();
  protected readonly outsideOfActivities = AsyncLocalStorage.snapshot();

  constructor(protected readonly client: Client) {
    // As many requests wait as there are breakers.
    setMaxListeners(0, this.closing.signal);
  }

  get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** How many workers take tasks from a queue, as the server saw it in the last minutes; at least 1. */
  async countWorkers(taskQueue: string): Promise<number> {
    return this.whileOpen(() => countWorkers(this.client, taskQueue));
  }

  /** Has the server plan the next attempt of a waiting activity again. */
  wake(activity: WaitingActivity): Promise<void> {
    return this.whileOpen(() => wakeActivity(this.client, activity));
  }

  /** Ends early when the link closes. */
  async pause(ms: number): Promise<void> {
    await this.outsideOfActivities(() =>
      sleep(ms, undefined, { signal: this.closing.signal, ref: false }),
    ).catch(() => undefined);
  }

  /** Ends what waits for the server. */
  close(): void {
    this.closing.abort();
  }

  protected whileOpen<T>(call: () => Promise<T>, limitMs = ANSWER_MS, ...signals: AbortSignal[]): Promise<T> {
    return this.outsideOfActivities(() =>
      withLimit(this.client, { limitMs, signals: [this.closing.signal, ...signals] }, call),
    );
  }
}
