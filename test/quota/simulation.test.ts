// Calls that wait meet the rate of the service, and all are served: a service with a limit, with virtual time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { KeyQuota } from '../../common/quota/key-quota.js';

interface Setting {
  readonly workers: number;
  readonly calls: number;
  readonly perSecond: number;
  readonly retryAfterMs: number;
  readonly states: boolean;
  readonly seed: number;
}

/** All calls come at the same moment, spread over the workers; each is made again when its worker says. */
function simulate({ workers, calls, perSecond, retryAfterMs, states, seed }: Setting) {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const quotas = Array.from({ length: workers }, () => new KeyQuota('', () => workers));
  const queue = Array.from({ length: calls }, () => ({ at: random() * 50, waited: false }));
  const windows = new Map<number, number>();
  let refused = 0;
  let end = 0;
  for (let steps = 0; queue.length > 0; steps++) {
    assert.ok(steps < 200 * calls + 10_000, 'no end');
    queue.sort((a, b) => b.at - a.at);
    const call = queue.pop();
    if (call === undefined) break;
    const quota = quotas[Math.floor(random() * workers)] as KeyQuota;
    const answer = quota.admit({ hasKey: false, mayBeTrial: true, hadTurn: call.waited }, call.at);
    if (!answer.passes) {
      assert.ok(answer.comesAt > call.at - 1, 'comes again in the past');
      queue.push({ at: Math.max(answer.comesAt, call.at + 1_000), waited: true });
      continue;
    }
    const second = Math.floor(call.at / 1_000);
    const taken = windows.get(second) ?? 0;
    if (taken < perSecond) {
      windows.set(second, taken + 1);
      quota.succeeded('isTrial' in answer, call.at);
      end = Math.max(end, call.at);
      continue;
    }
    refused++;
    const asked = { waitMs: retryAfterMs, ...(states ? { perSecond } : {}) };
    const { comesAt } = quota.refused(asked, { hasKey: false }, call.at, random());
    assert.ok(comesAt >= call.at + retryAfterMs);
    queue.push({ at: Math.max(comesAt, call.at + 1_000), waited: true });
  }
  return { refused, end };
}

/** What the server's own backoff makes of the same: 1 s, doubled, up to 100 s. */
function withoutPlugin({ calls, perSecond }: Setting): number {
  let left = calls;
  let at = 0;
  for (let wait = 1_000; left > 0; wait = Math.min(wait * 2, 100_000)) {
    left -= perSecond;
    if (left > 0) at += wait;
  }
  return at;
}

const settings = fc.record({
  workers: fc.integer({ min: 1, max: 8 }),
  calls: fc.integer({ min: 1, max: 400 }),
  perSecond: fc.integer({ min: 2, max: 50 }),
  retryAfterMs: fc.constantFrom(500, 1_000, 2_000, 5_000, 10_000),
  states: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

test('every call is served, in no more time than without the plugin and a few waits', () => {
  fc.assert(
    fc.property(settings, (setting) => {
      const { end } = simulate(setting);
      const limit = withoutPlugin(setting) + 4 * setting.retryAfterMs + 10_000;
      assert.ok(end <= limit, `${Math.round(end)} ms, without ${withoutPlugin(setting)} ms`);
    }),
    { numRuns: 300 },
  );
});

test('400 calls at 10 a second, Retry-After 1 s: near the rate of the service, with few refusals after the first', () => {
  const setting = { workers: 2, calls: 400, perSecond: 10, retryAfterMs: 1_000, seed: 7 };
  const { end, refused } = simulate({ ...setting, states: false });
  assert.ok(end < 50_000, `${end} ms for 40 s of calls`);
  assert.ok(refused < 100, `${refused} refusals`);
  const stated = simulate({ ...setting, states: true });
  assert.ok(stated.end < 45_000 && stated.refused < 10, JSON.stringify(stated));
});
