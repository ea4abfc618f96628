import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { GuardedCall } from '../../activities/failing-call/breaker-guard.js';
import type { CallLimits, LimitAnswer, LimitedAttempt } from '../../activities/failing-call/call-limits.js';
import type { StatedWindow } from '../../common/errors/throttle.js';
import { describeLimit, type Limit, settingsOf } from '../../common/limit/limit.js';
import { MAX_KEY } from '../../common/limit/messages.js';
import type { SetLimitOrder } from '../../common/limit/orders.js';
import { lowerWindows } from '../../common/limit/stated.js';
import { beginning } from '../../common/text/text.js';
import { FleetSize } from '../reporting/fleet-size.js';
import { WaitingCalls } from '../waiting/waiting-calls.js';
import { LimitLink } from './limit-link.js';
import type { LimitedKey, Wait } from './limited-key.js';
import { LimitedName } from './limited-name.js';
import { OnceIn } from './once-in.js';
import { Places } from './places.js';
import { REAL_TIMERS } from './timers.js';
import { WaitingByKey } from './waiting-by-key.js';

export interface WorkerLimitsOptions {
  readonly client: Client;
  /** Of the recovery worker. */
  readonly taskQueue: string;
  /** The limit of a circuit breaker's name; undefined for most. */
  readonly limitOf: (name: string) => Limit | undefined;
  readonly fault: (where: string, error: unknown) => void;
}

interface Entry {
  readonly limit: LimitedName;
  readonly waiting: WaitingByKey;
  taskQueue: string;
}

/** Names may depend on arguments. */
const MAX_NAMES = 200;
/** Names and keys. */
const MAX_STATED = 1_000;
/** A worker knows a new limit some seconds after the entity. */
const STATED_EVERY_MS = 60_000;
/** Then the configured limit holds again, until the service refuses again. */
const STATED_FOR = '1 hour';

/** The known limits as one worker keeps them. */
export class WorkerLimits implements CallLimits {
  /** Workers that use it. */
  users = 0;
  private readonly entries = new Map<string, Entry>();
  private readonly worker = randomUUID();
  private readonly configuredAt = new Date().toISOString();
  private readonly link: LimitLink;
  private readonly fleetSize: FleetSize;
  /** Of the workers that use it. */
  readonly places = new Places();
  /** What the service states, by name and key. */
  private readonly stated = new OnceIn(STATED_EVERY_MS, MAX_STATED, REAL_TIMERS.now);

  constructor(private readonly options: WorkerLimitsOptions) {
    const { client, taskQueue } = options;
    this.link = new LimitLink(client, taskQueue);
    this.fleetSize = new FleetSize(this.link, REAL_TIMERS.now);
  }

  admit(call: LimitedAttempt): LimitAnswer | Promise<LimitAnswer> | undefined {
    const entry = this.entryOf(call);
    if (entry === undefined) return undefined;
    const key = keyOf(call);
    const limited = entry.limit.key(key);
    entry.waiting.delete(key, call.executionId);
    entry.limit.use(key);
    const answer = limited.admit({
      holdMs: this.places.isFree(call.taskQueue) ? call.holdMs : 0,
      rejections: call.rejections ?? 0,
      signal: call.signal,
    });
    const told = (wait: Wait) => this.answer(entry, call, limited, wait);
    if (!(answer instanceof Promise)) return told(answer);
    return answer.finally(this.places.take(call.taskQueue)).then(told);
  }

  refused(call: GuardedCall, stated: readonly StatedWindow[]): void {
    const entry = this.entries.get(call.breaker);
    if (entry === undefined) return;
    const key = keyOf(call);
    const known = entry.limit.limitOf(key);
    const lower = lowerWindows(known, stated);
    if (lower.length === 0 || !this.stated.isDue(JSON.stringify([call.breaker, key]))) return;
    const name = call.breaker;
    const { configuredAt } = this;
    const limit = this.options.limitOf(name) ?? known;
    const order: SetLimitOrder = {
      ...{ ...settingsOf({ windows: lower }), expiresIn: STATED_FOR, isStated: true },
      ...(key === '' ? {} : { key }),
    };
    void this.link
      .state({ name, limit, configuredAt }, order)
      .catch((error) => this.options.fault('passing on the limit that a service states', error));
  }

  /** Gives back what this worker has. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.entries.values()].map(({ limit }) => limit.close()));
    this.link.close();
  }

  private answer(entry: Entry, call: LimitedAttempt, limited: LimitedKey, wait: Wait): LimitAnswer {
    if (wait === undefined) {
      const begunAt = REAL_TIMERS.now();
      return { passes: true, ended: () => limited.end(REAL_TIMERS.now() - begunAt) };
    }
    const key = keyOf(call);
    const retryInMs = Math.max(1, Math.round(wait));
    entry.waiting.add(key, call, retryInMs);
    return { passes: false, retryInMs, limit: describeLimit(entry.limit.limitOf(key)) };
  }

  private async wakeOne(activity: NonNullable<LimitedAttempt['activity']>): Promise<void> {
    // It may have ended, or be on its way; and an old server cannot wake it: it comes at its time.
    await this.link.wake(activity).catch(() => undefined);
  }

  private entryOf({ breaker: name, taskQueue }: LimitedAttempt): Entry | undefined {
    const known = this.entries.get(name);
    if (known !== undefined) {
      known.taskQueue = taskQueue;
      // The one that was not used for longest stays the first.
      this.entries.delete(name);
      this.entries.set(name, known);
      return known;
    }
    const limit = this.options.limitOf(name);
    if (limit === undefined) return undefined;
    if (this.entries.size >= MAX_NAMES) this.forgetOne();
    const { configuredAt, worker } = this;
    const waiting = new WaitingByKey(
      () => new WaitingCalls((activity) => this.wakeOne(activity), REAL_TIMERS.now),
    );
    const made: Entry = {
      ...{ waiting, taskQueue },
      limit: new LimitedName({
        ...{ limit, configuredAt, worker, timers: REAL_TIMERS },
        ask: (request, id) => this.link.ask({ name, limit, configuredAt }, request, id),
        fault: (error) => this.options.fault('asking for a share of a limit', error),
        workers: () => this.workersOf(made.taskQueue),
        wake: (key, calls) => void waiting.wake(key, calls),
      }),
    };
    this.entries.set(name, made);
    return made;
  }

  /** Undefined until the server has said it. */
  private workersOf(taskQueue: string): number | undefined {
    const size = this.fleetSize.of(taskQueue);
    return typeof size === 'number' ? size : undefined;
  }

  private forgetOne(): void {
    const [unused] = this.entries;
    if (unused === undefined) return;
    this.entries.delete(unused[0]);
    void unused[1].limit.close().catch(() => undefined);
  }
}

function keyOf({ quotaKey }: Pick<GuardedCall, 'quotaKey'>): string {
  return quotaKey === undefined ? '' : beginning(quotaKey, MAX_KEY);
}
