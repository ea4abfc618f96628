import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { NativeConnection } from '@temporalio/worker';
import { RecoveryClient } from 'temporal-recovery/client';
import { checkRedrive } from '../../client/redrive/request.js';
import { createRecoveryWorker } from '../../worker/recovery-worker/create-worker.js';
import { GrpcProxy, type Substitute } from '../support/grpc-proxy.js';
import { eventually, type Harness, useHarness } from '../support/harness.js';
import { Visibility } from '../support/visibility.js';
import { makeLetters, Target } from './scene.js';

const workflowsPath = require.resolve('./workflows.js');

describe('a redrive while visibility answers late, wrongly or not at all', { concurrency: true }, () => {
  const get = useHarness('redrive-visibility');
  const cleanup: (() => unknown)[] = [];
  after(async () => {
    for (const step of cleanup.reverse()) await step();
  });

  /** Letters whose target is mended, and the queue of a recovery worker that is not there yet. */
  async function letters(h: Harness, name: string, count: number) {
    const taskQueue = h.id(name);
    const recoveryQueue = `${taskQueue}-recovery`;
    const target = new Target();
    await h.startWorker({
      ...{ taskQueue, workflowsPath, activities: target.activities, connection: await h.connect() },
      plugins: [h.plugin({ queue: taskQueue, taskQueue: recoveryQueue, runRecoveryWorker: false })],
    });
    // They are written one after the other, at times that differ.
    const recovering = await createRecoveryWorker({
      ...{ connection: await h.connect(), namespace: h.namespace, taskQueue: recoveryQueue },
      dataConverter: { payloadCodecs: [], externalStorage: undefined },
    });
    const ids = await recovering.runUntil(makeLetters(h, taskQueue, taskQueue, count));
    target.answer = () => 'written';
    const recovery = new RecoveryClient({ client: h.client, taskQueue: recoveryQueue });
    return { filter: { queue: taskQueue }, recoveryQueue, target, ids, recovery };
  }

  async function proxyFor(h: Harness, substitute: Substitute): Promise<GrpcProxy> {
    const port = Number(h.connectionOptions.address?.split(':')[1]);
    const proxy = await GrpcProxy.listen(() => port, substitute);
    cleanup.push(() => proxy.close());
    return proxy;
  }

  async function recoverBehind({ address }: GrpcProxy, h: Harness, taskQueue: string): Promise<void> {
    const connection = await NativeConnection.connect({ address });
    const { namespace } = h;
    const worker = await createRecoveryWorker({
      ...{ connection, namespace, taskQueue },
      dataConverter: { payloadCodecs: [], externalStorage: undefined },
    });
    const run = worker.run();
    cleanup.push(async () => {
      worker.shutdown();
      await run;
      await connection.close();
    });
  }

  async function deceived(h: Harness, name: string, count: number) {
    const made = await letters(h, name, count);
    const visibility = new Visibility(h.client, checkRedrive({ filter: made.filter }).query as string);
    cleanup.push(() => visibility.close());
    await recoverBehind(await proxyFor(h, visibility), h, made.recoveryQueue);
    return { ...made, visibility };
  }

  test('a limit takes the oldest letters, in whatever order they are listed', async () => {
    const h = get();
    const { filter, recovery, visibility, ids } = await deceived(h, 'order', 12);
    visibility.begin('repeated');
    const redrive = await recovery.redrives.start({ filter, limit: 4, rate: 100 });
    const { total, replayed, truncated, outcomes } = await redrive.result();
    visibility.end();
    assert.deepEqual([total, replayed, truncated], [4, 4, true]);
    assert.ok(visibility.told.some(({ isCount }) => !isCount));
    const startedAt = async (id: string) =>
      (await h.client.workflow.getHandle(id).describe()).startTime.getTime();
    const taken = outcomes.map(({ id }) => id);
    const newestTaken = Math.max(...(await Promise.all(taken.map(startedAt))));
    const others = ids.filter((id) => !taken.includes(id));
    const oldestLeft = Math.min(...(await Promise.all(others.map(startedAt))));
    assert.ok(newestTaken <= oldestLeft, `${newestTaken} was taken, ${oldestLeft} was not`);
  });

  test('a page that comes again and again ends the attempt, and the next one lists all letters', async () => {
    const { filter, recovery, visibility, target } = await deceived(get(), 'token', 20);
    visibility.begin('token');
    const redrive = await recovery.redrives.start({ filter, rate: 100 });
    const failure = await eventually(async () => {
      const { raw } = await get().client.workflow.getHandle(redrive.id).describe();
      return raw.pendingActivities?.[0]?.lastFailure?.message ?? undefined;
    });
    visibility.end();
    assert.match(failure, /lists the same 20 workflows again and again/);
    const { status, total, replayed } = await redrive.result();
    assert.deepEqual([status, total, replayed], ['COMPLETED', 20, 20]);
    for (let id = 0; id < 20; id++) assert.equal(target.callsOf(id), 2, `record ${id}`);
  });

  test('a page may take longer than the heartbeat time-out; one that does not come is asked for again', async () => {
    const h = get();
    const { filter, recovery, recoveryQueue } = await letters(h, 'slow', 3);
    let lists = 0;
    const proxy = await proxyFor(h, {
      handles: (path) => path.endsWith('/ListWorkflowExecutions'),
      async answer() {
        if (++lists === 1) await new Promise(() => undefined);
        return undefined;
      },
    });
    await recoverBehind(proxy, h, recoveryQueue);
    const redrive = await recovery.redrives.start({ filter, rate: 100 });
    const { status, replayed } = await redrive.result();
    assert.deepEqual([status, replayed, lists], ['COMPLETED', 3, 2]);
    const { events } = await h.client.workflow.getHandle(redrive.id).fetchHistory();
    const failures = events?.flatMap((event) => event.activityTaskStartedEventAttributes?.lastFailure ?? []);
    assert.deepEqual(
      failures?.map(({ message }) => message),
      ['No answer within 60000 ms'],
    );
  });

  test('a worker that is lost while visibility does not answer is noticed within a minute', async () => {
    const h = get();
    const { filter, recovery, recoveryQueue } = await letters(h, 'lost', 3);
    let lists = 0;
    let isAway = true;
    const proxy = await proxyFor(h, {
      handles: (path) => path.endsWith('/ListWorkflowExecutions'),
      async answer() {
        lists++;
        while (isAway) await new Promise((resolve) => setTimeout(resolve, 100));
        return undefined;
      },
    });
    const start = (): ChildProcess => {
      const child = spawn(process.execPath, [require.resolve('./recovery-process.js'), recoveryQueue], {
        env: { ...process.env, TEMPORAL_ADDRESS: proxy.address },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      cleanup.push(() => child.kill('SIGKILL'));
      return child;
    };
    const lost = start();
    const redrive = await recovery.redrives.start({ filter, rate: 100 });
    await eventually(() => lists > 0);
    lost.kill('SIGKILL');
    await once(lost, 'exit');
    isAway = false;
    const lostAt = Date.now();
    start();
    const { status, replayed } = await redrive.result();
    assert.deepEqual([status, replayed], ['COMPLETED', 3]);
    assert.ok(Date.now() - lostAt < 60_000, `it took ${Date.now() - lostAt} ms`);
  });
});
