// What can happen to a breaker, each on the machine and on the model, compared after every step. The machine's state
// goes through JSON between any two steps.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  admit,
  type BreakerConfig,
  type BreakerConfigInput,
  type BreakerState,
  type CallResult,
  disable,
  failureCount,
  forceClosed,
  forceOpen,
  initialState,
  type Order,
  type Permit,
  parseBreakerConfig,
  record,
  reset,
  type Step,
  tick,
} from '../../common/circuit-breaker/index.js';
import type { BreakerModel, ModelCall, ModelResult } from './model.js';

export class Machine {
  now = 0;
  state: BreakerState = initialState(0);
  readonly log: string[] = [];

  constructor(readonly config: BreakerConfig) {}

  follow(step: Step): void {
    for (const { from, to, reason, epoch } of step.transitions) {
      this.log.push(`${from}>${to}:${reason.cause}`);
      assert.equal(epoch, this.log.length);
    }
    assert.ok(JSON.stringify(step.state).length < 2_000);
    this.state = JSON.parse(JSON.stringify(step.state)) as BreakerState;
    assert.deepEqual(this.state, step.state);
  }
}

/** A call in flight, as both know it. */
interface InFlight {
  readonly permit: Permit;
  readonly executionId: string | undefined;
  readonly call: ModelCall;
}

export interface Both {
  readonly model: BreakerModel;
  readonly inFlight: InFlight[];
}

type Action = (both: Both, machine: Machine) => void;

class Command implements fc.Command<Both, Machine> {
  constructor(
    private readonly name: string,
    private readonly action: Action,
  ) {}

  check(): boolean {
    return true;
  }

  run(both: Both, machine: Machine): void {
    this.action(both, machine);
    const { model } = both;
    model.pass(machine.now);
    machine.follow(tick(machine.state, machine.config, machine.now));
    assert.equal(machine.state.status, model.mode);
    assert.equal(machine.state.epoch, model.epoch);
    assert.deepEqual(machine.log, model.log);
    if ('health' in machine.state) assert.equal(failureCount(machine.state), model.failureCount);
  }

  toString(): string {
    return this.name;
  }
}

const advance = fc
  .oneof(fc.constantFrom(5, 15), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 400 }))
  .map(
    (ms) =>
      new Command(`advance ${ms}`, (_, machine) => {
        machine.now += ms;
      }),
  );

const start = fc
  .tuple(
    fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
    fc.constantFrom(true, true, false),
  )
  .map(
    ([executionId, isFresh]) =>
      new Command(`start ${executionId} ${isFresh}`, ({ model, inFlight }, machine) => {
        const admission = admit(machine.state, machine.config, machine.now, { executionId, isFresh });
        machine.follow(admission);
        const expected = model.admit(machine.now, executionId, isFresh);
        if (admission.permit === undefined) {
          assert.ok('until' in expected, 'rejected');
          assert.deepEqual(
            [admission.rejection.until, admission.rejection.state],
            [expected.until, model.mode],
          );
        } else {
          assert.ok('epoch' in expected, 'let through');
          assert.equal(
            admission.permit.trial !== undefined,
            (expected.trial ?? expected.probe) !== undefined,
          );
          inFlight.push({ permit: admission.permit, executionId, call: expected });
        }
      }),
  );

const result: fc.Arbitrary<ModelResult> = fc.record({
  outcome: fc.constantFrom('success', 'failure', 'failure', 'failure', 'ignored'),
  duration: fc.integer({ min: 0, max: 30 }),
  status: fc.constantFrom(undefined, 500, 503, 429),
  retryAfter: fc.constantFrom(undefined, 150, 5_000),
  isFresh: fc.boolean(),
});

/** `keep`: the same result is reported again later. */
const end = fc
  .record({
    which: fc.nat(),
    result,
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    keep: fc.boolean(),
  })
  .map(
    ({ which, result, random, keep }) =>
      new Command(
        `end ${which} ${fc.stringify(result)} ${random} ${keep}`,
        ({ model, inFlight }, machine) => {
          const index = inFlight.length - 1 - (which % Math.min(4, inFlight.length || 1));
          const found = inFlight[index];
          if (found === undefined) return;
          if (!keep) inFlight.splice(index, 1);
          const call: CallResult = {
            permit: found.permit,
            executionId: found.executionId,
            outcome: result.outcome,
            durationMs: result.duration,
            statusCode: result.status,
            retryAfterMs: result.retryAfter,
            isFresh: result.isFresh,
            message: 'm',
          };
          machine.follow(record(machine.state, machine.config, call, machine.now, random));
          model.record(machine.now, found.call, result, random);
        },
      ),
  );

const ORDERS: readonly [string, string, (state: BreakerState, order: Order, now: number) => Step][] = [
  ['FORCED_OPEN', 'forced', forceOpen],
  ['METRICS_ONLY', 'forced', forceClosed],
  ['DISABLED', 'forced', disable],
  ['CLOSED', 'reset', reset],
];

const order = fc
  .record({
    order: fc.constantFrom(...ORDERS),
    expiresIn: fc.option(fc.integer({ min: -5, max: 60 }), { nil: undefined }),
  })
  .map(
    ({ order: [mode, cause, operation], expiresIn }) =>
      new Command(`${mode} for ${expiresIn}`, ({ model }, machine) => {
        const { now } = machine;
        const expiresAt = expiresIn === undefined || mode === 'CLOSED' ? undefined : now + expiresIn;
        machine.follow(operation(machine.state, { by: 'me', why: 'test', expiresAt }, now));
        model.order(now, mode, cause, expiresAt);
      }),
  );

export const histories = fc.commands(
  [start, start, start, end, end, end, end, advance, advance, order].map((command, index) =>
    // Overrides are rare, or nothing else would be seen.
    index === 9 ? fc.oneof({ arbitrary: start, weight: 4 }, { arbitrary: command, weight: 1 }) : command,
  ) as fc.Arbitrary<Command>[],
  { maxCommands: 60, size: 'max' },
);

const rate = { threshold: fc.constantFrom(0.1, 0.3, 0.5, 1), minimumCalls: fc.integer({ min: 1, max: 5 }) };
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(arbitrary, fc.constant(false as const));

export const configs: fc.Arbitrary<BreakerConfig> = fc
  .record({
    consecutiveFailures: fc.constantFrom<number | false>(false, 1, 2, 3, 5),
    failureRate: maybe(fc.record(rate)),
    slowCallRate: maybe(fc.record({ ...rate, slowCallDuration: fc.constantFrom(0, 20) })),
    window: fc.oneof(
      fc.record({ type: fc.constant('count' as const), size: fc.integer({ min: 5, max: 8 }) }),
      fc.record({
        type: fc.constant('time' as const),
        duration: fc.constantFrom(30, 100),
        buckets: fc.constantFrom(1, 3, 10),
      }),
    ),
    halfOpen: fc.record({
      permittedTrials: fc.integer({ min: 1, max: 3 }),
      successesToClose: fc.constantFrom(1, 1, 2, 3),
      maxHalfOpenTime: fc.constantFrom(0, 30, 200),
      trialLease: fc.constantFrom(10, 50),
      trialInterval: fc.constantFrom(0, 1, 1, 5),
    }),
    openTime: fc.oneof(
      fc.constantFrom(0, 20, 100),
      fc.record({
        initialInterval: fc.constantFrom(10, 40),
        backoffCoefficient: fc.constantFrom(1, 2, 3),
        maximumInterval: fc.constantFrom(40, 200),
        jitter: fc.constantFrom('none' as const, 'full' as const, 'equal' as const),
      }),
    ),
    retryAfterCap: fc.constantFrom(0, 200, 3_600_000),
  })
  .map((input) => parseBreakerConfig(input as BreakerConfigInput));
