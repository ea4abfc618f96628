import { AssertionError } from 'node:assert';
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { DeadLetterNotFoundError } from '../client/errors.js';
import { RecoveryClient } from '../client/recovery-client.js';
import { breakerWorkflowId } from '../common/circuit-breaker/index.js';
import { type Duration, readDuration } from '../common/text/duration.js';
import { show } from '../common/text/show.js';
import { insideOf, type PluginInside } from '../worker/inside.js';
import type { RecoveryPluginOptions } from '../worker/options/options.js';
import { RecoveryPlugin } from '../worker/recovery-plugin.js';
import { createRecoveryWorker } from '../worker/recovery-worker/create-worker.js';
import { eventually } from './eventually.js';
import { type DeadLetterExpectation, describeMiss, isExpected, type TestLetter } from './expectation.js';
import { BreakersByHand, type TestBreakers, type TestQuotas } from './test-breakers.js';

/** Where tests run: a `TestWorkflowEnvironment` of `@temporalio/testing`, or connections of your own to any server. */
export interface TestConnections {
  /** Its namespace is that of the test. */
  readonly client: Client;
  /** For workers. */
  readonly nativeConnection: NativeConnection;
  /** The server skips time, and does not show the state of circuit breakers. @default false */
  readonly supportsTimeSkipping?: boolean;
}

/** Options of the plugin of a worker under test. The test sets the task queue and runs the recovery worker. */
export type TestPluginOptions = Omit<RecoveryPluginOptions, 'taskQueue' | 'runRecoveryWorker'>;

/**
 * Starts a recovery worker for one test or one file of tests, with queues of its own: tests beside it on the same server
 * do not meet. For any test runner.
 *
 * ```ts
 * const recovery = await startRecoveryTest(env);
 * const worker = await Worker.create({ …, taskQueue: recovery.taskQueue, plugins: [recovery.plugin()] });
 * ```
 * @throws what `Worker.create` throws
 */
export async function startRecoveryTest({
  client,
  nativeConnection,
  supportsTimeSkipping = false,
}: TestConnections): Promise<RecoveryTest> {
  const id = randomUUID().slice(0, 8);
  const { namespace, loadedDataConverter } = client.options;
  const taskQueue = `recovery-test-${id}-recovery`;
  const worker = await createRecoveryWorker({
    ...{ connection: nativeConnection, namespace, taskQueue, identity: `recovery-test-${id}` },
    ...{ dataConverter: loadedDataConverter, shutdownGraceTime: '1 second' },
  });
  return new RecoveryTest(client, worker, id, taskQueue, supportsTimeSkipping);
}

/** One test's dead letters, circuit breakers and quotas. Made by `startRecoveryTest`. */
export class RecoveryTest {
  /** For the worker under test. */
  readonly taskQueue: string;
  /** Dead-letter queue of the letters of this test. */
  readonly queue: string;
  /** Letters, breakers and redrives as a program of yours sees them. Its lists are those of the namespace. */
  readonly client: RecoveryClient;
  /** Circuit breakers, set by hand. */
  readonly breakers: TestBreakers;
  /** Quotas, set by hand. */
  readonly quotas: TestQuotas;
  private readonly insides: PluginInside[] = [];
  private readonly written = new Set<string>();
  private readonly byHand: BreakersByHand;
  private readonly running: Promise<void>;

  /** @internal */
  constructor(
    private readonly temporal: Client,
    private readonly worker: Worker,
    id: string,
    private readonly recoveryTaskQueue: string,
    skipsTime: boolean,
  ) {
    this.taskQueue = `recovery-test-${id}`;
    this.queue = `recovery-test-${id}`;
    this.client = new RecoveryClient({ client: temporal, taskQueue: recoveryTaskQueue });
    const { namespace } = temporal.options;
    this.byHand = new BreakersByHand(temporal, recoveryTaskQueue, skipsTime, () =>
      this.insides.flatMap(({ guards }) => guards.get(namespace) ?? []),
    );
    this.breakers = this.byHand;
    this.quotas = {
      exhaust: (breaker, options) => this.byHand.exhaust(breaker, options),
      advance: (by) => this.byHand.advance(by),
      release: (breaker) => this.byHand.close(breaker),
    };
    this.running = worker.run();
    // It is thrown by `stop`.
    this.running.catch(() => undefined);
  }

  /** The plugin for a worker under test, with the options that you use in production. @throws InvalidOptionsError */
  plugin(options: TestPluginOptions = {}): RecoveryPlugin {
    const plugin = new RecoveryPlugin({
      ...{ queue: this.queue, ...options },
      ...{ taskQueue: this.recoveryTaskQueue, runRecoveryWorker: false },
    });
    const inside = insideOf(plugin);
    if (inside !== undefined) this.follow(inside);
    return plugin;
  }

  /**
   * The letter that a test expects. It waits for it, and needs neither visibility nor search attributes.
   * @throws AssertionError with the letters that are there instead
   */
  async expectDeadLetter(expected: DeadLetterExpectation & { count?: undefined }): Promise<TestLetter>;
  /** The letters that a test expects, in the order in which they were written. @throws as above */
  async expectDeadLetter(expected: DeadLetterExpectation): Promise<TestLetter[]>;
  async expectDeadLetter(expected: DeadLetterExpectation): Promise<TestLetter | TestLetter[]> {
    const { count = 1 } = expected;
    const timeoutMs = count === 0 ? 0 : timeoutOf(expected.timeout);
    let letters: TestLetter[] = [];
    const found = await eventually(async () => {
      letters = await this.deadLetters();
      const matching = letters.filter((letter) => isExpected(expected, letter));
      return matching.length === count ? matching : undefined;
    }, timeoutMs);
    if (found === undefined) {
      const matching = letters.filter((letter) => isExpected(expected, letter)).length;
      throw new AssertionError({
        message: describeMiss(expected, matching, letters),
        ...{ expected: count, actual: matching, operator: 'expectDeadLetter' },
      });
    }
    return expected.count === undefined ? (found[0] as TestLetter) : found;
  }

  /** The letters of one workflow so far, in the order in which they were written. */
  async deadLettersOf(workflow: string | { readonly workflowId: string }): Promise<TestLetter[]> {
    const workflowId = typeof workflow === 'string' ? workflow : workflow.workflowId;
    return (await this.deadLetters()).filter(({ state }) => state.record.origin.workflowId === workflowId);
  }

  /** All letters that the workers under test have written so far, in their order. */
  async deadLetters(): Promise<TestLetter[]> {
    const letters = await Promise.all([...this.written].map((id) => this.read(id)));
    return letters.filter((letter) => letter !== undefined);
  }

  /**
   * Stops the recovery worker, and terminates the letters and circuit breakers of this test that are open. Call it after
   * the workers under test have stopped.
   */
  async stop(): Promise<void> {
    const ids = [
      ...this.written,
      ...[...this.byHand.names].map(breakerWorkflowId),
      ...(await this.openIds()),
    ];
    await Promise.allSettled(
      [...new Set(ids)].map((id) => this.temporal.workflow.getHandle(id).terminate('The test is over')),
    );
    if (this.worker.getState() === 'RUNNING') this.worker.shutdown();
    await this.running;
  }

  private follow(inside: PluginInside): void {
    const { telemetry } = inside;
    const { deadLettered } = telemetry;
    telemetry.deadLettered = (letter) => {
      this.written.add(letter.id);
      deadLettered(letter);
    };
    this.insides.push(inside);
  }

  /** Undefined for one that is about to be written. */
  private async read(id: string): Promise<TestLetter | undefined> {
    const handle = this.client.deadLetters.get(id);
    try {
      return { id, handle, state: await handle.state() };
    } catch (error) {
      if (error instanceof DeadLetterNotFoundError) return undefined;
      throw error;
    }
  }

  /** Breakers that the worker made. A server without lists, such as the time-skipping one, ends with the test. */
  private async openIds(): Promise<string[]> {
    const ids: string[] = [];
    try {
      const query = `TaskQueue = '${this.recoveryTaskQueue}' AND ExecutionStatus = 'Running'`;
      for await (const { workflowId } of this.temporal.workflow.list({ query })) ids.push(workflowId);
    } catch {
      // Known are those that the test has seen.
    }
    return ids;
  }
}

function timeoutOf(timeout: Duration = '10 seconds'): number {
  const timeoutMs = readDuration(timeout);
  if (timeoutMs !== undefined) return timeoutMs;
  throw new TypeError(
    `expectDeadLetter: timeout must be milliseconds or a string such as "10 seconds"; got ${show(timeout)}`,
  );
}
