import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { reportDelayMs } from '../../worker/reporting/report-delay.js';

const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe('when a report goes out', () => {
  test('ordinary news: five reports a second at the most, however many report', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (reporters) => {
        const delays = Array.from({ length: 101 }, (_, n) => reportDelayMs('soon', reporters, n / 100));
        assert.ok(Math.min(...delays) >= 1_000);
        const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
        assert.ok(reporters / (mean / 1_000) <= 5.000_1);
      }),
    );
  });

  test('ordinary news of what all see at the same moment does not come at the same moment', () => {
    const at = Array.from({ length: 500 }, () => reportDelayMs('soon', 500, Math.random()));
    const perSecond = new Map<number, number>();
    for (const ms of at) {
      const second = Math.floor(ms / 1_000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    assert.ok(Math.max(...perSecond.values()) < 25, 'a wave');
  });

  test('an alarm: within a quarter of a second, at once if no other worker can report it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5_000 }), unit, (reporters, random) => {
        const delay = reportDelayMs('alarm', reporters, random);
        assert.ok(delay >= 0 && delay <= 250.000_1, String(delay));
      }),
    );
    assert.equal(reportDelayMs('alarm', 1, 1), 0);
    assert.equal(reportDelayMs('now', 500, 1), 0);
  });

  test('an alarm that all raise at once: some are heard early, and most need not speak', () => {
    const shareBefore = (reporters: number, heardAfterMs: number) => {
      const at = Array.from({ length: reporters }, () => reportDelayMs('alarm', reporters, Math.random()));
      const first = Math.min(...at);
      return at.filter((ms) => ms < first + heardAfterMs).length;
    };
    const runs = Array.from({ length: 200 }, () => shareBefore(500, 100));
    const mean = runs.reduce((sum, count) => sum + count, 0) / runs.length;
    // Without the spread it would be 200 of 500.
    assert.ok(mean < 60, `${mean} of 500 speak before they can have heard the first`);
  });
});
