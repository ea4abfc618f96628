// Calls of many records and tenants behind one breaker, without a key: what one of them does to the others, with virtual time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyQuota } from '../../common/quota/key-quota.js';

interface Call {
  readonly id: number;
  readonly bornAt: number;
  readonly at: number;
  readonly tenant: string;
  readonly waited: boolean;
  readonly refusals: number;
}

interface Crowd {
  readonly workers: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Share of the calls of a tenant. */
  readonly tenantOf: (random: () => number) => string;
  /** Calls of one more tenant, `rare`, one at a time. */
  readonly rareEveryMs?: number;
  /** The wait that the service asks for, in milliseconds; undefined: the call succeeds. */
  readonly serve: (tenant: string, now: number, refusals: number) => number | undefined;
}

const SHARED_FROM_MS = 3_000;

function simulate({ workers, perSecond, seconds, tenantOf, rareEveryMs, serve }: Crowd, seed: number) {
  const random = randomOf(seed);
  const quotas = Array.from({ length: workers }, () => new KeyQuota('', () => workers));
  const queue: Call[] = Array.from({ length: perSecond * seconds }, (_, id) => {
    const bornAt = (id / perSecond) * 1_000;
    return { id, bornAt, at: bornAt, tenant: tenantOf(random), waited: false, refusals: 0 };
  });
  for (let bornAt = 60_000; rareEveryMs !== undefined && bornAt < 3_600_000; bornAt += rareEveryMs)
    queue.push({ id: queue.length, bornAt, at: bornAt, tenant: 'rare', waited: false, refusals: 0 });
  const refused = new Map<string, number>();
  const waits = new Map<string, number[]>();
  const end = seconds * 1_000 + 7_200_000;
  for (;;) {
    let next = 0;
    for (let n = 1; n < queue.length; n++) if ((queue[n] as Call).at < (queue[next] as Call).at) next = n;
    const [call] = queue.splice(next, 1);
    if (call === undefined || call.at > end) break;
    const now = call.at;
    const again = (at: number, refusals = call.refusals) =>
      queue.push({ ...call, at: Math.max(at, now + 1), waited: true, refusals });
    const worker = Math.floor(random() * workers);
    const quota = quotas[worker] as KeyQuota;
    const answer = quota.admit({ hasKey: false, mayBeTrial: true, hadTurn: call.waited }, now);
    if (!answer.passes) {
      again(answer.comesAt);
      continue;
    }
    const waitMs = serve(call.tenant, now, call.refusals);
    if (waitMs !== undefined) {
      refused.set(call.tenant, (refused.get(call.tenant) ?? 0) + 1);
      const { news, comesAt } = quota.refused(
        { waitMs },
        { executionId: `${call.id}`, hasKey: false, calls: call.refusals + 1 },
        now,
        random(),
      );
      if (news !== undefined && waitMs >= SHARED_FROM_MS)
        for (const other of quotas) if (other !== quota) other.adopt({ waitMs }, 0, now, random());
      again(comesAt, call.refusals + 1);
      continue;
    }
    waits.set(call.tenant, [...(waits.get(call.tenant) ?? []), now - call.bornAt]);
    if (!quota.succeeded('isTrial' in answer, now)) continue;
    for (const other of quotas)
      if (other !== quota && other.usedUpUntil(now) !== undefined)
        other.adopt({ waitMs: 3_000, narrowed: true }, 0, now, random());
    // Calls that wait for the quota are woken. Those that were refused know their time.
    for (let n = 0; n < queue.length; n++) {
      const waiting = queue[n] as Call;
      if (waiting.waited && waiting.refusals === 0 && waiting.at > now)
        queue[n] = { ...waiting, at: now + 1 + random() * 1_000 };
    }
  }
  const of = (tenant: string) => {
    const sorted = (waits.get(tenant) ?? []).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return {
      calls: sorted.length,
      p50: at(0.5),
      p95: at(0.95),
      worst: at(1),
      refused: refused.get(tenant) ?? 0,
    };
  };
  return { of };
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const anHour = (tenant: string, now: number) =>
  tenant === 'bad' && now < 3_600_000 ? 3_600_000 - now : undefined;

test('one record in twenty is refused for some seconds: the others do not wait at all', () => {
  for (const workers of [1, 4])
    for (const waitMs of [1_000, 5_000, 30_000]) {
      const { of } = simulate(
        {
          ...{ workers, perSecond: 20, seconds: 120 },
          tenantOf: (random) => (random() < 0.05 ? 'limited' : 'good'),
          serve: (tenant, _, refusals) => (tenant === 'limited' && refusals === 0 ? waitMs : undefined),
        },
        workers * waitMs,
      );
      assert.equal(of('good').worst, 0, `${workers} workers, ${waitMs} ms`);
      assert.ok(of('limited').worst < waitMs + 1);
    }
});

for (const share of [0.02, 0.1, 0.5])
  test(`a tenant has used up its quota for an hour: of the other, with ${share * 100} % of the calls, half do not wait, and none long`, () => {
    for (const workers of [1, 4])
      for (const perSecond of [2, 20]) {
        // Of two calls a second only a dozen are of the other tenant.
        const seeds = perSecond === 2 ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 2];
        const ends = seeds.map((seed) =>
          simulate(
            {
              ...{ workers, perSecond, seconds: 300 },
              tenantOf: (random) => (random() < share ? 'good' : 'bad'),
              serve: anHour,
            },
            seed * 7_919,
          ).of('good'),
        );
        const p50 = ends.map((end) => end.p50).sort((a, b) => a - b)[Math.floor(seeds.length / 2)] as number;
        const worst = Math.max(...ends.map((end) => end.worst));
        assert.ok(p50 < 1_000 && worst < 300_000, JSON.stringify({ workers, perSecond, p50, worst }));
      }
  });

for (const crowd of [600, 2_000])
  test(`${crowd} calls of one tenant wait for an hour: a call of another one, now and then, does not wait`, () => {
    for (const workers of [1, 4])
      for (const rareEveryMs of [60_000, 300_000, 900_000]) {
        const { of } = simulate(
          {
            ...{ workers, perSecond: crowd / 10, seconds: 10, rareEveryMs },
            tenantOf: () => 'bad',
            serve: anHour,
          },
          crowd + workers,
        );
        const { calls, worst } = of('rare');
        assert.equal(calls, Math.ceil(3_540_000 / rareEveryMs));
        assert.equal(worst, 0, JSON.stringify({ workers, rareEveryMs, worst }));
      }
  });

test('the quota of all calls is used up: few calls are refused', () => {
  for (const workers of [1, 4]) {
    const { of } = simulate(
      { ...{ workers, perSecond: 20, seconds: 120 }, tenantOf: () => 'bad', serve: anHour },
      77,
    );
    assert.equal(of('bad').calls, 2_400);
    assert.ok(of('bad').refused < 800, `${of('bad').refused} refusals in an hour`);
  }
  const short = simulate(
    {
      ...{ workers: 2, perSecond: 20, seconds: 120, tenantOf: () => 'all' },
      serve: (_, now) => (now < 10_000 ? 10_000 - now : undefined),
    },
    77,
  ).of('all');
  assert.ok(short.refused < 40, `${short.refused} refusals`);
  assert.ok(short.worst < 30_000, `${short.worst} ms`);
});
