import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LIES } from '../support/visibility.js';
import { OptionsError, parseOptions, SHORT } from './options.js';
import { FAULT_KINDS, type ScheduleOptions, scheduleFaults } from './schedule.js';

const options: ScheduleOptions = {
  ...{ seed: 1, durationMs: SHORT.faultsMs, everyMs: SHORT.everyMs, forMs: SHORT.faultForMs },
  ...{ workers: 2, recoveryWorkers: 1 },
};

describe('the schedule of faults', () => {
  test('is the same for the same seed, and another for another', () => {
    assert.deepEqual(scheduleFaults(options), scheduleFaults(options));
    assert.notDeepEqual(scheduleFaults(options), scheduleFaults({ ...options, seed: 2 }));
  });

  test('has each kind of fault in half a minute already, and each is over when they end', () => {
    for (let seed = 0; seed < 200; seed++) {
      const faults = scheduleFaults({ ...options, seed });
      const kinds = new Set(faults.map(({ kind }) => kind));
      assert.deepEqual([...kinds].sort(), [...FAULT_KINDS].sort(), `seed ${seed}`);
      for (const { atMs, forMs } of faults) assert.ok(atMs + forMs <= options.durationMs + 1);
    }
  });

  test('has each lie of visibility in half a minute already, one at a time', () => {
    for (let seed = 0; seed < 200; seed++) {
      const lies = scheduleFaults({ ...options, seed }).filter(({ kind }) => kind === 'visibility');
      assert.deepEqual([...new Set(lies.map(({ lie }) => lie))].sort(), [...LIES].sort(), `seed ${seed}`);
      lies.slice(1).forEach(({ atMs }, index) => {
        const before = lies[index] as (typeof lies)[number];
        assert.ok(before.atMs + before.forMs < atMs, `seed ${seed} at ${atMs}`);
      });
    }
  });

  test('hits server, target and recovery workers with one fault at a time', () => {
    const long = { ...options, durationMs: 600_000, forMs: [1_000, 20_000] as const };
    for (const kinds of [['killServer'], ['outage'], ['killRecovery', 'recoveryAway']]) {
      const faults = scheduleFaults(long).filter(({ kind }) => kinds.includes(kind));
      assert.ok(faults.length > 5);
      faults.slice(1).forEach(({ atMs }, index) => {
        const before = faults[index] as (typeof faults)[number];
        assert.ok(before.atMs + before.forMs <= atMs + 1, `${kinds} at ${atMs}`);
      });
    }
  });
});

describe('the options of the campaign', () => {
  test('are a short campaign by default, and a long one with --minutes', () => {
    assert.deepEqual(parseOptions([]).size, SHORT);
    const { seed, size } = parseOptions(['--minutes', '30', '--seed', '7']);
    assert.deepEqual(
      [seed, size.faultsMs, size.records, size.letters, size.parked],
      [7, 1_800_000, 1_000, 500, 50],
    );
  });

  for (const args of [
    ['--minutes', '0'],
    ['--seed', '1.5'],
    ['--records', 'many'],
    ['--what'],
    ['--seed', ''],
    ['--inputs', '0'],
    ['--with', '/'],
  ]) {
    test(`${args.join(' ')} is an error that says what is allowed`, () => {
      assert.throws(() => parseOptions(args), OptionsError);
    });
  }
});
