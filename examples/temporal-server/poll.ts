import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './text';

export interface PollOptions {
  /** What is awaited, for the error of a missed deadline. */
  what: string;
  timeoutMs: number;
  everyMs?: number;
  signal?: AbortSignal;
}

/** Repeats `check` until it no longer throws; a missed deadline reports the last reason. */
export async function poll<T>(check: () => Promise<T>, options: PollOptions): Promise<T> {
  const { what, timeoutMs, everyMs = 50, signal } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) {
        throw new Error(`${what} not within ${timeoutMs / 1000} s: ${messageOf(error)}`, { cause: error });
      }
    }
    await delay(everyMs, undefined, { signal });
  }
}
