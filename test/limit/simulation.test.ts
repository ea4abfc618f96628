// The accounting of limits with virtual time: the code of workers and entity is the real one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Limit } from '../../common/limit/limit.js';
import { randomOf } from '../faults/random.js';
import { busiest, mostAtOnce, type Settings, Simulation } from './simulation.js';

const perSecond = (calls: number): Limit => ({ windows: [{ calls, perMs: 1_000 }] });

function simulate(settings: Partial<Settings> & { limit: Limit }, seed = 1): Simulation {
  const random = randomOf(seed);
  return new Simulation({ workers: 10, random, latency: () => 3 + random() * 20, ...settings });
}

/** Calls at random times. */
function demand(sim: Simulation, random: () => number, calls: number, from: number, to: number, key = '') {
  for (let n = 0; n < calls; n++) sim.at(from + random() * (to - from), () => sim.call(key));
}

const LIMITS: readonly Limit[] = [
  perSecond(200),
  perSecond(10),
  perSecond(3),
  {
    windows: [
      { calls: 50, perMs: 1_000 },
      { calls: 400, perMs: 20_000 },
    ],
  },
  {
    windows: [
      { calls: 30, perMs: 500 },
      { calls: 900, perMs: 120_000 },
    ],
  },
  { windows: [{ calls: 20, perMs: 3_600_000 }] },
  { windows: [{ calls: 100, perMs: 1_000 }], concurrency: 7 },
  { windows: [], concurrency: 4 },
];

describe('limits with virtual time', () => {
  test('no window has more calls than the limit: with lost answers, slow requests, clocks that differ, workers that die and come, new runs', async () => {
    for (let seed = 1; seed <= 16; seed++) {
      const random = randomOf(seed);
      const limit = LIMITS[seed % LIMITS.length] as Limit;
      const slow = random() < 0.3;
      const sim = simulate(
        {
          limit,
          workers: 1 + Math.floor(random() * 12),
          latency: () => 2 + random() * (random() < 0.1 && slow ? 1_500 : 30),
          lost: random() < 0.5 ? 0 : 0.1,
          clock: () => ({ offset: random() * 1e9, rate: 1 + (random() - 0.5) / 5_000 }),
          callMs: () => random() * 300,
          holdMs: random() * 3_000,
          runMs: 7_000,
        },
        seed,
      );
      const rate = (limit.windows[0]?.calls ?? 20) / ((limit.windows[0]?.perMs ?? 1_000) / 1_000);
      const keys = random() < 0.5 ? ['a'] : ['a', 'b', ''];
      for (const key of keys) {
        const from = random() * 20_000;
        demand(sim, random, Math.min(6_000, Math.max(60, rate * 60)), from, from + random() * 40_000, key);
      }
      let kills = 0;
      for (let times = 0; times < 4; times++) {
        sim.at(random() * 60_000, () => {
          if (random() < 0.5) sim.addWorker();
          else if (sim.workers.filter(({ isAlive }) => isAlive).length > 1)
            kills += sim.kill(Math.floor(random() * sim.workers.length)) ? 1 : 0;
        });
      }
      await sim.runUntil(80_000);
      for (const key of keys) {
        const begun = sim.begun.filter((each) => each.key === key);
        assert.ok(begun.length > 0, `seed ${seed}: nothing was called`);
        for (const { calls, perMs } of limit.windows) {
          const most = busiest(
            begun.map(({ at }) => at),
            perMs,
          );
          // What a worker that was killed had used of a long window without asking is not known.
          const lost = perMs > 60_000 ? kills * Math.floor(calls / 4) : 0;
          assert.ok(
            most <= calls + lost,
            `seed ${seed}, key "${key}": ${most} calls in ${perMs} ms, limit ${calls}`,
          );
        }
        if (limit.concurrency !== undefined)
          assert.ok(
            mostAtOnce(begun) <= limit.concurrency,
            `seed ${seed}: ${mostAtOnce(begun)} at the same time`,
          );
      }
    }
  });

  test('calls that run for long: never more at the same time than the limit, however slow requests are', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomOf(seed);
      const concurrency = 3 + Math.floor(random() * 30);
      const [fastest, longest] = [5 + random() * 200, 100 + random() * 800];
      const sim = simulate(
        {
          limit: { windows: [], concurrency },
          workers: 2 + Math.floor(random() * 10),
          latency: () => fastest + random() * longest,
          callMs: () => 1_500 + random() * 15_000,
          holdMs: 3_000,
        },
        seed,
      );
      demand(sim, random, concurrency * 14, 0, 90_000);
      sim.at(random() * 60_000, () => sim.addWorker());
      await sim.runUntil(200_000);
      const most = mostAtOnce(sim.begun);
      assert.ok(most <= concurrency, `seed ${seed}: ${most} at the same time, limit ${concurrency}`);
      assert.ok(sim.begun.length > concurrency * 7, `seed ${seed}: ${sim.begun.length} calls`);
    }
  });

  test('where more calls come than may, at least 95 % of the limit is used, with at most five requests a second', async () => {
    const random = randomOf(7);
    const sim = simulate({ limit: perSecond(200), runMs: 30_000 });
    demand(sim, random, 24_000, 0, 1_000);
    await sim.runUntil(100_000);
    assert.ok(sim.begun.length >= 200 * 100 * 0.95, `${sim.begun.length} calls`);
    assert.ok(sim.requests.length <= 500, `${sim.requests.length} requests`);
    assert.ok(sim.rejections / sim.begun.length < 2, `${sim.rejections} rejections`);
  });

  test('calls that come all at once: most of the places are used, whatever calls take', async () => {
    for (const callMs of [50, 300, 2_000]) {
      const random = randomOf(11);
      const concurrency = 20;
      const sim = simulate({
        ...{ limit: { windows: [], concurrency }, workers: 5, holdMs: 3_000 },
        callMs: () => callMs * (0.5 + random()),
      });
      const possible = (concurrency * 60_000) / callMs;
      demand(sim, random, 1.5 * possible, 0, 1_000);
      await sim.runUntil(60_000);
      const share = sim.begun.filter(({ at }) => at > 5_000).length / ((possible * 55) / 60);
      assert.ok(share > 0.8, `${callMs} ms: ${share} of the places are used`);
      assert.ok(mostAtOnce(sim.begun) <= concurrency);
    }
  });

  test('below half of the limit no call waits, and requests are few', async () => {
    const random = randomOf(3);
    const sim = simulate({ limit: perSecond(1_000) });
    // The fleet has shared the limit evenly by then.
    demand(sim, random, 1_000, 0, 60_000);
    await sim.runUntil(60_000);
    const [begun, requests, rejections] = [sim.begun.length, sim.requests.length, sim.rejections];
    demand(sim, random, 30_000, 60_000, 360_000);
    await sim.runUntil(360_000);
    assert.equal(sim.begun.length - begun, 30_000);
    assert.equal(sim.rejections, rejections);
    // One a minute and worker.
    const more = sim.requests.length - requests;
    assert.ok(more <= 10 * 10, `${more} requests`);
  });

  test('a worker that is alone gets all of the limit, and shares it when others come', async () => {
    const random = randomOf(4);
    const sim = simulate({ limit: perSecond(100), workers: 1 });
    demand(sim, random, 12_000, 0, 1_000);
    await sim.runUntil(30_000);
    assert.ok(sim.begun.length > 100 * 28 * 0.95, `${sim.begun.length} calls`);
    for (let n = 0; n < 4; n++) sim.addWorker();
    await sim.runUntil(60_000);
    const late = sim.begun.filter(({ at }) => at > 50_000);
    const byWorker = Array.from({ length: 5 }, (_, at) => late.filter(({ worker }) => worker === at).length);
    for (const calls of byWorker) assert.ok(calls > 120 && calls < 280, `${byWorker}`);
  });

  test('the lease of a worker that dies is given to the others when it has ended', async () => {
    const random = randomOf(5);
    const sim = simulate({ limit: perSecond(100), workers: 4 });
    demand(sim, random, 12_000, 0, 1_000);
    await sim.runUntil(20_000);
    sim.kill(1);
    sim.kill(2);
    await sim.runUntil(60_000);
    const late = sim.begun.filter(({ at }) => at > 35_000);
    assert.ok(late.length > 100 * 25 * 0.9, `${late.length} calls`);
  });

  test('without an answer of the entity calls go on with an even part, and go back to shares after it', async () => {
    const random = randomOf(6);
    const sim = simulate({ limit: perSecond(100), workers: 5 });
    demand(sim, random, 12_000, 0, 1_000);
    await sim.runUntil(20_000);
    sim.entityIsDown = true;
    await sim.runUntil(60_000);
    const alone = sim.begun.filter(({ at }) => at > 40_000);
    assert.ok(alone.length > 100 * 20 * 0.8, `${alone.length} calls`);
    assert.ok(
      busiest(
        alone.map(({ at }) => at),
        1_000,
      ) <= 100,
    );
    assert.ok(sim.faults > 0);
    sim.entityIsDown = false;
    const faults = sim.faults;
    await sim.runUntil(100_000);
    const after = sim.begun.filter(({ at }) => at > 80_000);
    assert.ok(after.length > 100 * 20 * 0.9, `${after.length} calls`);
    assert.ok(sim.faults <= faults + 5, `${sim.faults} faults`);
  });

  test('a worker that never had an answer goes on with an even part too', async () => {
    const random = randomOf(8);
    const sim = simulate({ limit: perSecond(10), workers: 5 });
    sim.entityIsDown = true;
    demand(sim, random, 300, 0, 1_000);
    await sim.runUntil(40_000);
    const begun = sim.begun.filter(({ at }) => at > 20_000);
    assert.ok(begun.length > 100, `${begun.length} calls`);
    assert.ok(
      busiest(
        begun.map(({ at }) => at),
        1_000,
      ) <= 10,
    );
  });

  test('a long window is used up to its end, by all workers', async () => {
    const random = randomOf(9);
    const limit = { windows: [{ calls: 500, perMs: 3_600_000 }] };
    const sim = simulate({ limit });
    demand(sim, random, 700, 0, 20_000);
    await sim.runUntil(3_500_000);
    assert.ok(sim.begun.length >= 490 && sim.begun.length <= 500, `${sim.begun.length} calls`);
    await sim.runUntil(4_800_000);
    assert.ok(sim.begun.length >= 690, `${sim.begun.length} calls`);
  });

  test('workers without calls ask for nothing and hold nothing', async () => {
    const random = randomOf(10);
    const sim = simulate({ limit: perSecond(20), workers: 3 });
    demand(sim, random, 200, 0, 1_000);
    await sim.runUntil(60_000);
    assert.equal(sim.begun.length, 200);
    const requests = sim.requests.length;
    await sim.runUntil(400_000);
    assert.equal(sim.requests.length, requests);
    assert.equal(sim.isIdle, true);
  });

  test('a key does not take the calls of another', async () => {
    const random = randomOf(11);
    const sim = simulate({ limit: perSecond(50) });
    demand(sim, random, 5_000, 0, 1_000, 'busy');
    demand(sim, random, 200, 10_000, 50_000, 'quiet');
    await sim.runUntil(80_000);
    assert.equal(sim.begun.filter(({ key }) => key === 'quiet').length, 200);
    assert.ok(sim.begun.filter(({ key }) => key === 'busy').length > 80 * 50 * 0.9);
  });

  test('beyond the keys that the entity keeps, the workers count long windows themselves', async () => {
    const limit = { windows: [{ calls: 100, perMs: 86_400_000 }] };
    const sim = simulate({ limit, workers: 2 });
    for (let n = 0; n < 1_000; n++) sim.at(n * 20, () => sim.call(`kept-${n}`));
    await sim.runUntil(120_000);
    sim.every(5_000, () => sim.call('late'), 6 * 3_600_000);
    await sim.runUntil(6 * 3_600_000);
    const begun = sim.begun.filter(({ key }) => key === 'late').length;
    assert.ok(begun >= 90 && begun <= 100, `${begun} calls`);
  });

  test('without an answer of the entity a long window of very many calls is kept, too', async () => {
    const sim = simulate({ limit: { windows: [{ calls: 300_000, perMs: 3_600_000 }] }, workers: 1 });
    sim.entityIsDown = true;
    sim.every(5, () => sim.call(), 1_500_000);
    await sim.runUntil(1_500_000);
    // In 1,490 seconds, at the same rate.
    assert.ok(sim.begun.length >= 100_000 && sim.begun.length <= 200_000, `${sim.begun.length} calls`);
  });

  test('a key for which the entity gets room has its use counted there', async () => {
    const limit = { windows: [{ calls: 100, perMs: 600_000 }] };
    const sim = simulate({ limit, workers: 1 });
    for (let n = 0; n < 1_000; n++) sim.at(n * 20, () => sim.call(`kept-${n}`));
    await sim.runUntil(120_000);
    sim.every(4_000, () => sim.call('late'), 3_000_000);
    await sim.runUntil(3_000_000);
    const begun = sim.begun.filter(({ key }) => key === 'late').map(({ at }) => at);
    assert.ok(busiest(begun, 600_000) <= 100, `${busiest(begun, 600_000)} calls`);
    assert.ok(begun.length >= 350, `${begun.length} calls`);
  });

  test('calls that wait for long are woken when the limit is raised', async () => {
    const random = randomOf(13);
    const sim = simulate({ limit: { windows: [{ calls: 1, perMs: 600_000 }] }, workers: 3 });
    demand(sim, random, 30, 0, 1_000);
    await sim.runUntil(120_000);
    assert.equal(sim.begun.length, 1);
    const requests = sim.requests.length;
    await sim.runUntil(240_000);
    // Each worker looks now and then.
    assert.ok(sim.requests.length - requests <= (3 * 120) / 15, `${sim.requests.length - requests} requests`);
    sim.setLimit(perSecond(50));
    await sim.runUntil(300_000);
    assert.equal(sim.begun.length, 30);
  });

  test('a limit that is changed holds for all workers within seconds', async () => {
    const random = randomOf(12);
    const sim = simulate({ limit: perSecond(100) });
    demand(sim, random, 12_000, 0, 1_000);
    await sim.runUntil(20_000);
    sim.setLimit(perSecond(20));
    await sim.runUntil(60_000);
    const low = sim.begun.filter(({ at }) => at > 28_000 && at < 60_000);
    assert.ok(
      busiest(
        low.map(({ at }) => at),
        1_000,
      ) <= 20,
    );
    assert.ok(low.length > 32 * 20 * 0.9, `${low.length} calls`);
    sim.setLimit(perSecond(200));
    await sim.runUntil(100_000);
    const high = sim.begun.filter(({ at }) => at > 75_000);
    assert.ok(high.length > 25 * 200 * 0.7, `${high.length} calls`);
  });
});
