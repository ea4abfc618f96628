import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { BreakerGuard, CallEnd } from '../../activities/failing-call/breaker-guard.js';
import { GuardedAttempt } from '../../activities/failing-call/guarded-attempt.js';

const HOUR_MS = 3_600_000;

describe('a call during which the wall clock is set', () => {
  for (const [direction, jumpMs] of [
    ['back', -HOUR_MS],
    ['forward', HOUR_MS],
  ] as const) {
    test(`${direction}: took as long as it took`, async () => {
      const ends: CallEnd[] = [];
      const guard: BreakerGuard = {
        admit: () => ({ admitted: true, permit: { epoch: 0 } }),
        begun: () => undefined,
        settle: (_call, _permit, end) => {
          ends.push(end);
          return { counted: false };
        },
        outlook: () => ({ lastSuccessAgoMs: Number.POSITIVE_INFINITY, failing: 0 }),
        failedForGood: () => undefined,
        paceMs: () => 0,
      };
      await new MockActivityEnvironment().run(async () => {
        const attempt = GuardedAttempt.of(Context.current(), guard, {
          ...{ breaker: 'crm', isFresh: true, isReplay: false, rejections: 0, isHeld: false },
          ...{ waitedForQuota: false, keepsIntervals: false, flood: undefined },
        });
        const now = Date.now();
        attempt.begin({ epoch: 0 }, now);
        mock.method(Date, 'now', () => now + jumpMs);
        try {
          attempt.end({ outcome: 'success' });
        } finally {
          mock.restoreAll();
        }
      });
      const { durationMs = -1 } = ends[0] ?? {};
      assert.ok(durationMs >= 0 && durationMs < 10_000, `${durationMs} ms`);
    });
  }
});
