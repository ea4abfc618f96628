// When an attempt gives back its place among the calls that run at the same time.
import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { BreakerGuard } from '../../activities/failing-call/breaker-guard.js';
import { GuardedAttempt } from '../../activities/failing-call/guarded-attempt.js';
import { HeartbeatLedger } from '../../activities/failing-call/heartbeat-ledger.js';

const guard: BreakerGuard = {
  admit: () => ({ admitted: true, permit: { epoch: 0 } }),
  begun: () => undefined,
  settle: () => ({ counted: false }),
  outlook: () => ({ lastSuccessAgoMs: Number.POSITIVE_INFINITY, failing: 0 }),
  failedForGood: () => undefined,
  paceMs: () => 0,
};

interface Held {
  ended(): number;
  heartbeat(): void;
  cancel(reason: { timedOut?: boolean; cancelRequested?: boolean }): void;
  leave(): void;
  pass(ms: number): void;
}

/** An attempt that has its place, with time that passes as the test says. */
async function held(
  info: { startToCloseTimeoutMs: number; heartbeatTimeoutMs?: number },
  then: (held: Held) => void,
) {
  const environment = new MockActivityEnvironment(info);
  await environment
    .run(async () => {
      let ended = 0;
      let now = performance.now();
      mock.method(performance, 'now', () => now);
      mock.timers.enable({ apis: ['setTimeout'] });
      try {
        new HeartbeatLedger(Context.current());
        const attempt = GuardedAttempt.of(
          Context.current(),
          guard,
          {
            ...{ breaker: 'crm', isFresh: true, isReplay: false, rejections: 0, isHeld: false },
            ...{ waitedForQuota: false, keepsIntervals: false, flood: undefined },
          },
          { admit: () => ({ passes: true, ended: () => ended++ }), refused: () => undefined },
        );
        await attempt.admit();
        attempt.begin({ epoch: 0 }, Date.now());
        const { heartbeat } = Context.current();
        then({
          heartbeat,
          ended: () => ended,
          cancel: (reason) => environment.cancel('TIMED_OUT', new ActivityCancellationDetails(reason)),
          leave: () => attempt.leave(),
          pass: (ms) => {
            now += ms;
            mock.timers.tick(ms);
          },
        });
      } finally {
        mock.timers.reset();
        mock.restoreAll();
      }
    })
    .catch((error) => {
      if (error.name !== 'CancelledFailure') throw error;
    });
}

describe('the place of an attempt among the calls at the same time', () => {
  test('one that hangs gives it back when its start-to-close time-out has passed, once', () =>
    held({ startToCloseTimeoutMs: 10_000 }, ({ ended, pass, leave }) => {
      pass(9_999);
      assert.equal(ended(), 0);
      pass(1);
      assert.equal(ended(), 1);
      leave();
      assert.equal(ended(), 1);
    }));

  test('one that exceeded its heartbeat time-out gives it back at once', () =>
    held({ startToCloseTimeoutMs: 600_000, heartbeatTimeoutMs: 5_000 }, ({ ended, cancel }) => {
      cancel({ timedOut: true });
      assert.equal(ended(), 1);
    }));

  test('one that is cancelled and cleans up has it until its heartbeats end', () =>
    held(
      { startToCloseTimeoutMs: 600_000, heartbeatTimeoutMs: 5_000 },
      ({ ended, cancel, pass, heartbeat }) => {
        heartbeat();
        cancel({ cancelRequested: true });
        for (let n = 0; n < 5; n++) {
          pass(4_000);
          heartbeat();
          assert.equal(ended(), 0);
        }
        pass(8_999);
        assert.equal(ended(), 0);
        pass(2);
        assert.equal(ended(), 1);
      },
    ));

  test('one that is cancelled and has no heartbeat time-out has it until its start-to-close time-out', () =>
    held({ startToCloseTimeoutMs: 60_000 }, ({ ended, cancel, pass }) => {
      cancel({ cancelRequested: true });
      pass(59_999);
      assert.equal(ended(), 0);
      pass(1);
      assert.equal(ended(), 1);
    }));
});
