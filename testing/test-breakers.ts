import type { Client } from '@temporalio/client';
import { BreakerHandle } from '../client/circuit-breaker/breakers.js';
import { type BreakerRun, readBreaker, reportToBreaker } from '../client/circuit-breaker/entity.js';
import { type BreakerOrder, FLEET_DEFAULTS, parseBreakerConfig } from '../common/circuit-breaker/index.js';
import type { ReportedThrottle } from '../common/quota/throttles.js';
import { type Duration, readDuration } from '../common/text/duration.js';
import { show } from '../common/text/show.js';
import type { WorkerBreakers } from '../worker/circuit-breaker/guard.js';
import { eventually } from './eventually.js';
import { QuotaClock, type UsedUp } from './quota-clock.js';

const TIMEOUT_MS = 30_000;
const HOUR_MS = 3_600_000;

/**
 * Sets circuit breakers by hand. Each method resolves when the workers under test of this process know it, and throws on
 * the time-skipping server, which does not show their state.
 */
export interface TestBreakers {
  /** Rejects all calls until `close`. Makes the breaker if it does not exist yet. */
  open(name: string, order?: BreakerOrder): Promise<void>;
  /** Lets all calls pass and counts from zero. A breaker that does not exist stays so. */
  close(name: string): Promise<void>;
  /** Lets trial calls pass, as after an outage. Makes the breaker if it does not exist yet. */
  halfOpen(name: string): Promise<void>;
}

/** Which quota is used up, and until when. */
export interface ExhaustOptions {
  /** Of the plugin's option `quotaKey`. @default the quota of all calls behind the breaker */
  key?: string;
  /** How long: milliseconds or a string such as `'10 minutes'`. @default '1 hour' */
  for?: Duration;
  /** Until when, by the clock of this machine and what `advance` has moved it on. Instead of `for`. */
  until?: Date;
}

/** Sets quotas by hand. Each method resolves, and throws, as those of `TestBreakers`. */
export interface TestQuotas {
  /** Calls wait until then, or until `release`. @throws TypeError for a time that is not in the future */
  exhaust(breaker: string, options?: ExhaustOptions): Promise<void>;
  /**
   * Moves the clock of quotas on. Calls of each quota of `exhaust` whose time has passed go on; others wait as before. It
   * does not move the server: a call that the service itself refused comes back at its own time.
   * @throws TypeError for a time that is not positive
   */
  advance(by: Duration): Promise<void>;
  /** Lets the waiting calls of all quotas behind the breaker go on. Also closes the breaker. */
  release(breaker: string): Promise<void>;
}

export class BreakersByHand implements TestBreakers {
  /** Those that this test has set. */
  readonly names = new Set<string>();
  private readonly id = `test-${process.pid}-${Date.now()}`;
  private readonly clock = new QuotaClock();
  private sequence = 0;

  constructor(
    private readonly client: Client,
    private readonly taskQueue: string,
    private readonly skipsTime: boolean,
    private readonly guards: () => readonly WorkerBreakers[],
  ) {}

  async open(name: string, order?: BreakerOrder): Promise<void> {
    await this.handle(name).forceOpen(order);
    await this.until(name, 'FORCED_OPEN', ({ memo }) => memo.status === 'FORCED_OPEN');
  }

  async halfOpen(name: string): Promise<void> {
    await this.handle(name).forceOpen({ expiresIn: 1 });
    await this.until(name, 'HALF_OPEN', ({ memo }) => memo.status === 'HALF_OPEN');
  }

  async close(name: string): Promise<void> {
    const handle = this.handle(name);
    if (!(await handle.exists())) return;
    await handle.reset();
    this.clock.forget(name);
    const isClosed = ({ memo }: BreakerRun) => memo.status === 'CLOSED' && memo.throttles === undefined;
    await this.until(name, 'CLOSED', isClosed);
  }

  async exhaust(name: string, options: ExhaustOptions = {}): Promise<void> {
    const { key } = options;
    const waitMs = waitOf(options, this.clock.now());
    await this.report(name, [{ key, waitMs, said: 'used up by a test' }]);
    await this.until(name, 'THROTTLED', ({ memo }) =>
      inForce(memo.throttles).some((each) => each.key === key),
    );
    this.clock.usedUp({ breaker: name, key }, waitMs);
  }

  async advance(by: Duration): Promise<void> {
    const ms = readDuration(by);
    if (ms === undefined || ms <= 0)
      throw new TypeError(`advance: by must be a positive time; got ${show(by)}`);
    for (const [name, quotas] of this.clock.advance(ms)) await this.pass(name, quotas);
  }

  /** With the last quota the breaker forgets all of them. Of several, those that have passed hold no calls any more. */
  private async pass(name: string, ended: readonly UsedUp[]): Promise<void> {
    const { memo } = (await readBreaker(this.client, name)) ?? {};
    const keys = new Set(ended.map(({ key }) => key));
    const others = inForce(memo?.throttles).filter(({ key }) => !keys.has(key));
    if (others.length === 0 && memo?.status === 'CLOSED') return this.close(name);
    await this.report(
      name,
      ended.map(({ key }) => ({ key, waitMs: 1, narrowed: true })),
    );
    const isOver = ({ memo }: BreakerRun) => !inForce(memo.throttles).some(({ key }) => keys.has(key));
    await this.until(name, 'free of this quota', isOver);
  }

  /** As a worker reports what its calls were answered. */
  private async report(name: string, throttles: readonly ReportedThrottle[]): Promise<void> {
    const handle = this.handle(name);
    const config = (await handle.exists()) ? (await handle.describe()).config : DEFAULTS;
    const known = { config, configuredAt: NEVER_CONFIGURED };
    await reportToBreaker(...([this.client, this.taskQueue, { name, ...known }] as const), {
      ...{ v: 1, worker: this.id, sequence: ++this.sequence, results: [], ...known },
      throttles: throttles.map(({ key, ...rest }) => (key === undefined ? rest : { key, ...rest })),
    });
  }

  private handle(name: string): BreakerHandle {
    if (this.skipsTime) {
      throw new Error(
        'The time-skipping server does not show the state of circuit breakers. Use TestWorkflowEnvironment.createLocal() for this test',
      );
    }
    this.names.add(name);
    return new BreakerHandle(this.client, this.taskQueue, name);
  }

  private async until(name: string, what: string, isSo: (run: BreakerRun) => boolean): Promise<void> {
    const done = await eventually(async () => {
      const run = await readBreaker(this.client, name);
      if (run === undefined || !isSo(run)) return undefined;
      return this.guards().every((guard) => guard.knows(name, run.runId)) || undefined;
    }, TIMEOUT_MS);
    if (done) return;
    throw new Error(
      `Circuit breaker "${name}" did not become ${what} within ${TIMEOUT_MS / 1_000} seconds for the worker under test. ` +
        'Does another worker call its service, or did another recovery queue make it?',
    );
  }
}

const DEFAULTS = parseBreakerConfig(FLEET_DEFAULTS);
/** The settings of any worker are later. */
const NEVER_CONFIGURED = new Date(0).toISOString();

/** Those that hold calls. */
function inForce(throttles: readonly ReportedThrottle[] = []): readonly ReportedThrottle[] {
  return throttles.filter(({ narrowed }) => narrowed !== true);
}

function waitOf({ for: wait, until }: ExhaustOptions, now: number): number {
  const waitMs = until === undefined ? readDuration(wait ?? HOUR_MS) : until.getTime() - now;
  if (waitMs !== undefined && waitMs > 0) return waitMs;
  throw new TypeError(
    `exhaust: the quota must be used up for a time in the future; got ${show(until ?? wait)}`,
  );
}
