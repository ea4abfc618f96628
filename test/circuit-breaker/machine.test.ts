import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { configs, histories, Machine } from './commands.js';
import { BreakerModel } from './model.js';

const RUNS = 10_000;

test(`the machine does what the model does, in ${RUNS} random histories`, () => {
  const seen = new Map<string, number>();
  const property = fc.property(configs, histories, (config, commands) => {
    const machine = new Machine(config);
    fc.modelRun(
      () => ({ model: { model: new BreakerModel(config), inFlight: [] }, real: machine }),
      commands,
    );
    for (const transition of machine.log) seen.set(transition, (seen.get(transition) ?? 0) + 1);
  });
  fc.assert(property, { numRuns: RUNS });

  // A comparison is worth as much as what it has seen.
  const transitions = [
    'CLOSED>OPEN:consecutive-failures',
    'CLOSED>OPEN:failure-rate',
    'CLOSED>OPEN:slow-call-rate',
    'OPEN>HALF_OPEN:open-time-over',
    'OPEN>CLOSED:trials-succeeded',
    'HALF_OPEN>OPEN:trial-failed',
    'HALF_OPEN>OPEN:half-open-time-over',
    'HALF_OPEN>CLOSED:trials-succeeded',
    'FORCED_OPEN>HALF_OPEN:override-expired',
    'DISABLED>CLOSED:override-expired',
    'METRICS_ONLY>CLOSED:override-expired',
  ];
  for (const transition of transitions) {
    assert.ok((seen.get(transition) ?? 0) > 50, `${transition}: ${seen.get(transition)}`);
  }
});
