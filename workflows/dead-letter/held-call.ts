import type { Payload, RawValue } from '@temporalio/common';
import { ActivityCancellationType, CancellationScope, sleep } from '@temporalio/workflow';
import type { DeadLetterRecord } from '../../common/dead-letter/record.js';
import { runAgain } from './replay-call.js';

interface HeldCallOptions {
  readonly afterMs?: number;
  /** Somebody waits for it or asked for it. Workers refuse a call that waits for a breaker without that. */
  readonly asked: boolean;
  /** Comes before the call. */
  before(): Promise<void> | undefined;
}

/**
 * The replay of a held letter: an activity that the open breaker rejects until it closes. Meanwhile it costs the
 * letter no history, and the UI shows it as a pending activity that says what it waits for. If nothing else calls the
 * service, it is the half-open trial that closes the breaker.
 */
export class HeldCall {
  outcome: { readonly result: RawValue } | { readonly error: unknown } | undefined;
  /** The call says that somebody waits for it or asked for it; those of versions before 0.5.0 did not. */
  saysAsked = false;
  private readonly scope = new CancellationScope({ cancellable: true });
  private readonly settled: Promise<void>;

  constructor(
    record: DeadLetterRecord,
    args: readonly Payload[],
    { afterMs = 0, asked, before }: HeldCallOptions,
  ) {
    this.settled = this.scope
      .run(async () => {
        if (afterMs > 0) await sleep(afterMs);
        // Without a look the call is scheduled at once: histories of before have it so.
        const first = before();
        if (first !== undefined) await first;
        this.saysAsked = asked && first !== undefined;
        return runAgain(record, args, 'Replay when the circuit breaker closes', 'wait', {
          // An attempt that is under way may succeed: its answer must not be lost.
          cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
          asked: this.saysAsked,
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
