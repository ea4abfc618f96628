// A breaker under a hand-turned clock, for tests that tell a story.
import assert from 'node:assert/strict';
import {
  admit,
  type BreakerConfig,
  type BreakerConfigInput,
  type BreakerState,
  type CallRequest,
  type CallResult,
  initialState,
  type Permit,
  parseBreakerConfig,
  type Rejection,
  record,
  type Step,
  type Transition,
  tick,
} from '../../common/circuit-breaker/index.js';

export class Scenario {
  readonly config: BreakerConfig;
  readonly transitions: Transition[] = [];
  private current: BreakerState;

  constructor(
    input: BreakerConfigInput = {},
    public now = 0,
  ) {
    this.config = parseBreakerConfig(input);
    this.current = initialState(now);
  }

  get state(): BreakerState {
    return this.follow(tick(this.current, this.config, this.now));
  }

  get status(): string {
    return this.state.status;
  }

  follow({ state, transitions }: Step): BreakerState {
    this.transitions.push(...transitions);
    this.current = state;
    return state;
  }

  start(request: CallRequest = {}): Permit {
    const admission = admit(this.current, this.config, this.now, request);
    this.follow(admission);
    assert.ok(admission.permit, `rejected: ${JSON.stringify(admission.rejection)}`);
    return admission.permit;
  }

  refused(request: CallRequest = {}): Rejection {
    const admission = admit(this.current, this.config, this.now, request);
    this.follow(admission);
    assert.ok(admission.rejection, 'let through');
    return admission.rejection;
  }

  end(permit: Permit, outcome: CallResult['outcome'], more: Partial<CallResult> = {}, random = 0): void {
    this.follow(record(this.current, this.config, { permit, outcome, ...more }, this.now, random));
  }

  /** One call that ends at once. */
  call(outcome: CallResult['outcome'], more: Partial<CallResult> = {}, random = 0): void {
    this.end(this.start({ executionId: more.executionId }), outcome, more, random);
  }

  fail(times = 1, more: Partial<CallResult> = {}): void {
    for (let i = 0; i < times; i++) this.call('failure', more);
  }

  succeed(times = 1): void {
    for (let i = 0; i < times; i++) this.call('success');
  }

  /** Open, with the open time over. */
  halfOpen(): this {
    this.fail(this.config.consecutiveFailures);
    const { state } = this;
    assert.equal(state.status, 'OPEN');
    this.now = state.until;
    assert.equal(this.status, 'HALF_OPEN');
    return this;
  }
}
