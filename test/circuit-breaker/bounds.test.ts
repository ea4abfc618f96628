import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  type BreakerState,
  REMEMBERED_EXECUTIONS,
  record,
  tick,
} from '../../common/circuit-breaker/index.js';
import { configs, histories, Machine } from './commands.js';
import { BreakerModel } from './model.js';
import { Scenario } from './scenario.js';

const size = (state: BreakerState) => JSON.stringify(state).length;

test('100,000 executions that fail and succeed leave a state of some 20 KB, and the last 1,000 are known', () => {
  const breaker = new Scenario({
    consecutiveFailures: false,
    failureRate: { threshold: 1, minimumCalls: 1_000 },
    window: { type: 'count', size: 1_000 },
  });
  for (let i = 0; i < 100_000; i++) {
    if (i % 10 === 0) breaker.succeed();
    breaker.fail(1, { executionId: `execution-${i}`, message: 'x'.repeat(10_000) });
  }
  const { state } = breaker;
  assert.equal(state.status, 'CLOSED');
  assert.equal(state.health.failed.length, REMEMBERED_EXECUTIONS);
  assert.ok(size(state) < 20_000, String(size(state)));
  const before = state.health.failuresInARow;
  breaker.fail(1, { executionId: 'execution-99001' });
  assert.equal('health' in breaker.state && breaker.state.health.failuresInARow, before);
});

test('trials without an answer do not pile up', () => {
  const breaker = new Scenario({ halfOpen: { permittedTrials: 3 } }).halfOpen();
  for (let i = 0; i < 1_000; i++) {
    for (let n = 0; n < 3; n++) breaker.start({ executionId: `e${i}-${n}` });
    breaker.now += 60_000;
  }
  assert.ok(size(breaker.state) < 2_500, String(size(breaker.state)));
});

test('a trial that outlives its lease still decides, once', () => {
  const breaker = new Scenario({ halfOpen: { successesToClose: 2 } }).halfOpen();
  const slow = breaker.start();
  breaker.now += 60_000;
  breaker.end(slow, 'success');
  breaker.end(slow, 'success');
  assert.equal(breaker.status, 'HALF_OPEN');
  breaker.succeed();
  assert.equal(breaker.status, 'CLOSED');
});

test('a message is kept as one short line', () => {
  const breaker = new Scenario({ consecutiveFailures: 1 });
  breaker.fail(1, { message: `first\nsecond ${'x'.repeat(10_000)}`, executionId: 'y'.repeat(10_000) });
  const sample = breaker.transitions[0]?.reason.sample;
  assert.match(sample?.message ?? '', /^first second x{187}$/);
  assert.equal(sample?.executionId?.length, 200);
});

test('through JSON at any time, a history ends in the same state as without', () => {
  const property = fc.property(configs, histories, (config, commands) => {
    class Straight extends Machine {
      override follow(step: Parameters<Machine['follow']>[0]): void {
        super.follow(step);
        this.state = step.state;
      }
    }
    const run = (machine: Machine) => {
      fc.modelRun(
        () => ({ model: { model: new BreakerModel(config), inFlight: [] }, real: machine }),
        commands,
      );
      return machine.state;
    };
    assert.deepEqual(run(new Machine(config)), run(new Straight(config)));
  });
  fc.assert(property, { numRuns: 500 });
});

test('looking twice is looking once, and looking late is looking on time', () => {
  const property = fc.property(
    configs,
    histories,
    fc.nat(500),
    fc.nat(500),
    (config, commands, first, second) => {
      const machine = new Machine(config);
      fc.modelRun(
        () => ({ model: { model: new BreakerModel(config), inFlight: [] }, real: machine }),
        commands,
      );
      const [early, late] = [machine.now + first, machine.now + first + second];
      const between = tick(machine.state, config, early);
      const stepwise = tick(between.state, config, late);
      const direct = tick(machine.state, config, late);
      assert.deepEqual(stepwise.state, direct.state);
      assert.deepEqual([...between.transitions, ...stepwise.transitions], direct.transitions);
    },
  );
  fc.assert(property, { numRuns: 2_000 });
});

test('a call costs the same after 100,000 calls as after 1,000', () => {
  const microseconds = (earlier: number) => {
    const breaker = new Scenario({ failureRate: { threshold: 1, minimumCalls: 100 } });
    for (let i = 0; i < earlier; i++)
      breaker.call(i % 2 === 0 ? 'success' : 'failure', { executionId: `e${i}` });
    const permit = breaker.start();
    let { state } = breaker;
    const times = Array.from({ length: 20 }, () => {
      const from = performance.now();
      for (let i = 0; i < 500; i++) {
        state = record(state, breaker.config, { permit, outcome: 'success', executionId: 'x' }, 0, 0).state;
      }
      return ((performance.now() - from) / 500) * 1_000;
    });
    return Math.min(...times);
  };
  microseconds(1_000);
  const [few, many] = [microseconds(2_000), microseconds(100_000)];
  // Wide, for noisy machines: if the cost grew with the calls it would be 50 times.
  assert.ok(many < few * 5 + 5, `${few} µs, then ${many} µs`);
});
