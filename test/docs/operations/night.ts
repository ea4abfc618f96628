// A fleet at 3 a.m.: a worker whose services have trouble, and a recovery worker in a process of its own.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import type { RecoveryPluginOptions } from 'temporal-recovery';
import type { DeadLetterStatus, RecoveryClient } from 'temporal-recovery/client';
import { RecoveryPlugin } from '../../../worker/index.js';
import { text } from '../../cli/command-line.js';
import { eventually, type Harness, workflowsPath } from '../../support/harness.js';
import type { callOne } from '../../support/workflows.js';
import { Terminal } from './terminal.js';

/** The server's `limit.maxIDLength`. */
export const LONGEST_ID = 180;
const DAY_MS = 86_400_000;
const ACTIVITIES = ['write', 'order', 'invoice', 'charge', 'export', 'ship', 'book'] as const;
type Activity = (typeof ACTIVITIES)[number];

/** Errors of an activity until it is mended. */
export const INVALID = { status: 422, message: 'field "country" is missing' };
export const DOWN = { status: 503, message: 'service unavailable' };
export const QUOTA = { status: 429, message: 'quota exceeded', headers: { 'retry-after': '3600' } };

const OPTIONS: RecoveryPluginOptions = {
  runRecoveryWorker: false,
  breaker: (activityType) => activityType,
  // Only a person closes it within the time of a test.
  breakers: { charge: { consecutiveFailures: 2, openTime: '1 hour' } },
  queues: { invoices: { retention: '5s' } },
  operations: {
    order: { flood: { minimumCalls: 6, then: 'hold' } },
    invoice: { queue: 'invoices' },
  },
};

export class Night {
  /** What is wrong with an activity, for all records or for one. */
  readonly trouble = new Map<string, object>();
  /** Attempts that reached an activity. */
  readonly reached: string[] = [];
  private calls = 0;
  private worker: ChildProcess | undefined;

  private constructor(
    readonly harness: Harness,
    readonly terminal: Terminal,
  ) {}

  static async begin(harness: Harness): Promise<Night> {
    const night = new Night(harness, await Terminal.open(harness));
    await night.startFleet(harness.taskQueue, OPTIONS);
    await night.startRecoveryWorker();
    return night;
  }

  get recovery(): RecoveryClient {
    return this.harness.recovery;
  }

  startFleet(taskQueue: string, options: RecoveryPluginOptions) {
    const activities = Object.fromEntries(ACTIVITIES.map((name) => [name, this.activity(name)]));
    const plugins = [new RecoveryPlugin(options)];
    return this.harness.startWorker({ taskQueue, workflowsPath, activities, plugins });
  }

  /** @param line the command that starts it */
  async startRecoveryWorker(line = 'temporal-recovery worker'): Promise<void> {
    const started = this.terminal.start(line);
    const stderr = text(started, 'stderr');
    await eventually(() => stderr().includes('the recovery worker runs'));
    this.worker = started;
  }

  /** SIGTERM; it ends with 0. */
  async stopRecoveryWorker(): Promise<void> {
    const { worker } = this;
    if (worker === undefined) return;
    this.worker = undefined;
    worker.kill('SIGTERM');
    const [code] = await once(worker, 'exit');
    assert.equal(code, 0);
  }

  async end(): Promise<void> {
    await this.stopRecoveryWorker();
    await this.terminal.close();
  }

  /** A workflow that calls one activity. */
  start(activity: Activity, record = `record-${this.calls}`): Promise<WorkflowHandle<typeof callOne>> {
    return this.harness.client.workflow.start<typeof callOne>('callOne', {
      workflowId: `${activity}-${this.calls++}`,
      taskQueue: this.harness.taskQueue,
      args: [activity, [record]],
    });
  }

  /** Calls that fail for good. @returns the ids of their letters, once lists have them */
  async letters(activity: Activity, count: number, error: object = INVALID): Promise<string[]> {
    this.trouble.set(activity, error);
    const ids: string[] = [];
    for (let at = 0; at < count; at++) {
      const { deadLetterId } = await (await this.start(activity)).result();
      assert.ok(deadLetterId);
      ids.push(deadLetterId);
    }
    await eventually(async () => {
      const listed = await this.recovery.deadLetters.list({ operation: activity, limit: 100 });
      return ids.every((id) => listed.some((each) => each.id === id));
    });
    return ids;
  }

  mend(activity: Activity): void {
    this.trouble.delete(activity);
  }

  async groupOf(id: string): Promise<string> {
    const { group } = (await this.recovery.deadLetters.get(id).describe()).record;
    return group ?? assert.fail(`${id} has no group`);
  }

  async assertStatus(ids: readonly string[], status: DeadLetterStatus): Promise<void> {
    for (const id of ids)
      assert.equal((await this.recovery.deadLetters.get(id).describe()).status, status, id);
  }

  /** What a call gives; it fails if it does not end. */
  async result(handle: WorkflowHandle<typeof callOne> | undefined): Promise<unknown> {
    assert.ok(handle);
    await eventually(async () => (await handle.describe()).status.name !== 'RUNNING');
    return (await handle.result()).result;
  }

  /** Calls, one after the other, until one waits at the server for this reason; others end, or wait for another one. */
  async waiting(activity: Activity, why: RegExp): Promise<WorkflowHandle<typeof callOne>> {
    for (;;) {
      const handle = await this.start(activity);
      const waits = await eventually(async () => {
        const { status, raw } = await handle.describe();
        const message = raw.pendingActivities?.[0]?.lastFailure?.message;
        if (message && why.test(message)) return 'yes';
        return (message || status.name !== 'RUNNING') && 'no';
      });
      if (waits === 'yes') return handle;
    }
  }

  untilBreaker(name: string, status: string): Promise<unknown> {
    const breaker = this.recovery.breakers.get(name);
    return eventually(async () => (await breaker.describe()).status === status);
  }

  private activity(name: Activity) {
    return async (record: string) => {
      this.reached.push(`${name} ${record}`);
      const error = this.trouble.get(name);
      if (error !== undefined) throw Object.assign(new Error(), error);
      return `${name} done`;
    };
  }
}

/** For a command that looks back: its clock is two days ahead. */
export const IN_TWO_DAYS = {
  NODE_OPTIONS: `--require ${require.resolve('../../circuit-breaker/shifted-clock.js')}`,
  CLOCK_SHIFT_MS: String(2 * DAY_MS),
};
