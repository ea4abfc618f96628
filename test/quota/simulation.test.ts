// Calls that wait meet the rate of the service, and all are served: a service with a limit, with virtual time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { KeyQuota } from '../../common/quota/key-quota.js';

interface Setting {
  readonly workers: number;
  readonly calls: number;
  /** Calls a second that come, and that the service takes, in seconds of its clock. */
  readonly arriving: number;
  readonly perSecond: number;
  readonly retryAfterMs: number;
  /** Whether the service states its rate. */
  readonly states?: boolean;
  readonly seed: number;
}

interface Call {
  readonly id: number;
  readonly at: number;
  readonly attempt: number;
  readonly waited: boolean;
  readonly refusals: number;
}

/** The server waits at least for this time between two attempts. */
const LEAST_MS = 1_000;

/** Calls come one by one, on one of several workers each time; each is made again when its worker says. */
function simulate(
  { workers, calls, arriving, perSecond, retryAfterMs, states, seed }: Setting,
  isWith: boolean,
  hasKey = false,
) {
  const random = randomOf(seed);
  const quotas = Array.from({ length: workers }, () => new KeyQuota('', () => workers));
  const queue: Call[] = Array.from({ length: calls }, (_, n) => ({
    ...{ id: n, at: (n / arriving) * 1_000 + random() * 50, attempt: 0, waited: false, refusals: 0 },
  }));
  const again = (call: Call, at: number, refusals = call.refusals) =>
    queue.push({
      id: call.id,
      at: Math.max(at, call.at + LEAST_MS),
      attempt: call.attempt + 1,
      waited: true,
      refusals,
    });
  const windows = new Map<number, number>();
  let refused = 0;
  let end = 0;
  for (let steps = 0; queue.length > 0; steps++) {
    assert.ok(steps < 500 * calls + 10_000, 'no end');
    queue.sort((a, b) => b.at - a.at);
    const call = queue.pop() as Call;
    const quota = quotas[Math.floor(random() * workers)] as KeyQuota;
    const answer = isWith
      ? quota.admit({ hasKey, mayBeTrial: true, hadTurn: call.waited }, call.at)
      : { passes: true as const };
    if (!answer.passes) {
      again(call, answer.comesAt);
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
    if (!isWith) {
      again(call, call.at + Math.min(1_000 * 2 ** call.attempt, 100_000));
      continue;
    }
    const asked = { waitMs: retryAfterMs, ...(states ? { perSecond } : {}) };
    const { comesAt } = quota.refused(
      asked,
      { executionId: `${call.id}`, hasKey, calls: call.refusals + 1 },
      call.at,
      random(),
    );
    assert.ok(comesAt >= call.at + retryAfterMs, 'earlier than the service has asked for');
    again(call, comesAt, call.refusals + 1);
  }
  return { refused, end };
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const settings = fc.record({
  workers: fc.integer({ min: 1, max: 8 }),
  calls: fc.integer({ min: 1, max: 300 }),
  arriving: fc.constantFrom(5, 12, 25, 60, 10_000),
  perSecond: fc.integer({ min: 2, max: 50 }),
  retryAfterMs: fc.constantFrom(500, 1_000, 2_000, 5_000, 10_000),
  states: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

for (const hasKey of [true, false])
  test(`every call is served, in not much more time than without the plugin and some of the waits that were asked for, ${hasKey ? 'with' : 'without'} a key`, () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const { end, refused } = simulate(setting, true, hasKey);
        const without = simulate(setting, false).end;
        // A key says that the service means the waits that it asks for.
        const asked = (hasKey ? refused : 4) * setting.retryAfterMs;
        assert.ok(
          end <= without * 1.2 + asked + 20_000,
          `${Math.round(end)} ms, without ${Math.round(without)} ms`,
        );
      }),
      { numRuns: 300 },
    );
  });

test('400 calls at once, 10 a second are taken, Retry-After 1 s: near the rate of the service, with few refusals after the first', () => {
  const setting = { workers: 2, calls: 400, arriving: 10_000, perSecond: 10, retryAfterMs: 1_000, seed: 7 };
  const { end, refused } = simulate(setting, true);
  assert.ok(end < 50_000, `${end} ms for 40 s of calls`);
  assert.ok(refused < 100, `${refused} refusals`);
  const stated = simulate({ ...setting, states: true }, true);
  assert.ok(stated.end < 45_000 && stated.refused < 20, JSON.stringify(stated));
});

test('a few more calls come than are taken: not slower than without, and with a key far fewer refusals', () => {
  for (const workers of [1, 2, 4]) {
    const setting = { workers, calls: 300, arriving: 12, perSecond: 10, retryAfterMs: 1_000, seed: 7 };
    const without = simulate(setting, false);
    const keyed = simulate(setting, true, true);
    assert.ok(keyed.end <= without.end, `${keyed.end} ms, without ${without.end} ms`);
    assert.ok(keyed.refused < without.refused / 3, `${keyed.refused}, without ${without.refused}`);
    const { end, refused } = simulate(setting, true);
    assert.ok(end <= without.end * 1.1, `${end} ms, without ${without.end} ms`);
    assert.ok(refused <= without.refused * 1.3, `${refused}, without ${without.refused}`);
  }
});
