import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { ApiLinkerError } from 'temporal-recovery';

export interface FailedAttempts {
  count: number;
  /** Message of the latest one. */
  message: string;
}

/** Counts the failed attempts of this worker by category, for the display: Temporal's history holds none of them. */
export class FailedAttemptLog {
  readonly byCategory = new Map<string, FailedAttempts>();

  readonly interceptors: ActivityInterceptorsFactory = (context) => ({
    inbound: {
      execute: async (input, next) => {
        const { startToCloseTimeoutMs } = context.info;
        let timedOut = false;
        const timer = setTimeout(() => {
          timedOut = true;
          this.#add('TIMEOUT', `no answer within ${startToCloseTimeoutMs / 1000} s`);
        }, startToCloseTimeoutMs);
        try {
          return await next(input);
        } catch (error) {
          if (!timedOut)
            this.#add(ApiLinkerError.fromException(error).errorCategory, innermostMessage(error));
          throw error;
        } finally {
          clearTimeout(timer);
        }
      },
    },
  });

  get total(): number {
    return [...this.byCategory.values()].reduce((sum, { count }) => sum + count, 0);
  }

  #add(category: string, message: string): void {
    const count = this.byCategory.get(category)?.count ?? 0;
    this.byCategory.set(category, { count: count + 1, message });
  }
}

/** `fetch failed` says nothing; its cause does. */
function innermostMessage(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}
