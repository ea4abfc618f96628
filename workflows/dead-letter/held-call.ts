import type { Payload, RawValue } from '@temporalio/common';
import { ActivityCancellationType, CancellationScope, sleep } from '@temporalio/workflow';
import type { DeadLetterRecord } from '../../common/dead-letter/record.js';
import { runAgain } from './replay-call.js';

/**
 * The replay of a letter that is held: an activity that the open breaker turns away until it closes. It costs the
 * letter no history meanwhile, the UI shows it as a pending activity that says what it waits for, and where nothing
 * else calls the service it is the trial that closes the breaker.
 */
export class HeldCall {
  outcome: { readonly result: RawValue } | { readonly error: unknown } | undefined;
  private readonly scope = new CancellationScope({ cancellable: true });
  private readonly settled: Promise<void>;

  constructor(record: DeadLetterRecord, args: readonly Payload[], afterMs = 0) {
    this.settled = this.scope
      .run(async () => {
        if (afterMs > 0) await sleep(afterMs);
        return runAgain(record, args, 'Replay when the circuit breaker closes', 'wait', {
          // An attempt that is under way may succeed: its answer must not be lost.
          cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        });
      })
      .then(
        (result) => {
          this.outcome = { result };
        },
        (error) => {
          this.outcome = { error };
        },
      );
  }

  get ended(): boolean {
    return this.outcome !== undefined;
  }

  /** Waits for an attempt that is under way. */
  async stop(): Promise<void> {
    this.scope.cancel();
    await this.settled;
  }
}
