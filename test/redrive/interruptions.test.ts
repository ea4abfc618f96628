import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { RecoveryClient } from 'temporal-recovery/client';
import { eventually, type Harness, useHarness } from '../support/harness.js';
import { makeLetters, refuse, Target } from './scene.js';

const workflowsPath = require.resolve('./workflows.js');

/** Runs of a workflow, from its chain of continue-as-new. */
async function runs(h: Harness, workflowId: string): Promise<number> {
  const { count } = await h.client.workflow.count(`WorkflowId = '${workflowId}'`);
  return count;
}

/** A worker with a target that refuses everything. */
async function scene(h: Harness, taskQueue: string, target: Target, options: object = {}): Promise<void> {
  await h.startWorker({
    taskQueue,
    workflowsPath,
    activities: target.activities,
    connection: await h.connect(),
    plugins: [h.plugin({ queue: taskQueue, ...options })],
  });
}

describe('a redrive through trouble', { concurrency: true }, () => {
  const get = useHarness('redrive-trouble');
  const processes = new Set<ChildProcess>();
  after(() => {
    for (const process of processes) process.kill('SIGKILL');
  });

  const recoveryProcess = (taskQueue: string) => {
    const child = spawn(process.execPath, [require.resolve('./recovery-process.js'), taskQueue], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    processes.add(child);
    return child;
  };

  test('recovery workers are killed under it: no letter is replayed twice, and none is left out', async () => {
    const h = get();
    const taskQueue = h.id('killed');
    const recoveryQueue = h.id('killed-recovery');
    const target = new Target();
    await scene(h, taskQueue, target, { taskQueue: recoveryQueue, runRecoveryWorker: false });
    let worker = recoveryProcess(recoveryQueue);
    await makeLetters(h, taskQueue, taskQueue, 120);
    target.answer = () => 'written';
    const recovery = new RecoveryClient({ client: h.client, taskQueue: recoveryQueue });
    const redrive = await recovery.redrives.start({ filter: { queue: taskQueue }, rate: 20 });
    for (const replayed of [20, 60]) {
      // The server notices a lost worker after up to 20 seconds, and its workflows move after 10 more.
      await eventually(() => target.calls.length >= 120 + replayed);
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      worker = recoveryProcess(recoveryQueue);
    }
    const report = await redrive.result();
    assert.deepEqual([report.status, report.replayed, report.untouched], ['COMPLETED', 120, 0], report.why);
    for (let id = 0; id < 120; id++) assert.equal(target.callsOf(id), 2, `record ${id}`);
  });

  test('letters whose recovery worker is away do not stop the others', async () => {
    const h = get();
    const [here, away] = [h.id('here'), h.id('away')];
    const target = new Target();
    await scene(h, here, target);
    await scene(h, away, target, { taskQueue: `${away}-recovery`, runRecoveryWorker: false });
    const ids = [...(await makeLetters(h, away, away, 3)), ...(await makeLetters(h, here, here, 20))];
    target.answer = () => 'written';
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
    const redrive = await recovery.redrives.start({ ids, rate: 100, concurrency: 4 });
    const progress = await eventually(async () => {
      const progress = await redrive.progress();
      return progress.replayed === 20 && progress;
    });
    assert.equal(progress.running, 3);
    recoveryProcess(`${away}-recovery`);
    const report = await redrive.result();
    assert.deepEqual([report.status, report.replayed], ['COMPLETED', 23]);
    assert.equal(target.calls.length, 46);
  });

  test('a recovery worker stops though a letter does not answer, and its redrive goes on elsewhere', async () => {
    const h = get();
    const [taskQueue, recoveryQueue] = [h.id('stopped'), h.id('stopped-recovery')];
    const target = new Target();
    await scene(h, taskQueue, target, { taskQueue: `${taskQueue}-letters`, runRecoveryWorker: false });
    const ids = await makeLetters(h, taskQueue, taskQueue, 3);
    target.answer = () => 'written';
    const worker = await h.startWorker({
      taskQueue: h.id('stopped-idle'),
      workflowsPath,
      connection: await h.connect(),
      plugins: [h.plugin({ taskQueue: recoveryQueue })],
    });
    const recovery = new RecoveryClient({ client: h.client, taskQueue: recoveryQueue });
    const redrive = await recovery.redrives.start({ ids, rate: 100 });
    const handle = h.client.workflow.getHandle(redrive.id);
    // The batch is under way.
    await eventually(async () => {
      const { pendingActivities = [] } = (await handle.describe()).raw;
      return pendingActivities?.some(({ activityType, lastStartedTime }) => {
        return activityType?.name === 'recovery.redriveLetters' && lastStartedTime;
      });
    });
    const before = performance.now();
    await worker.stop();
    assert.ok(performance.now() - before < 8_000, 'it does not wait for the letter');
    recoveryProcess(`${taskQueue}-letters`);
    recoveryProcess(recoveryQueue);
    assert.equal((await redrive.result()).replayed, 3);
    assert.equal(target.calls.length, 6);
  });

  test('the service goes down: it waits for the breaker, goes on slowly, and all are written', async () => {
    const h = get();
    const taskQueue = h.id('outage');
    const target = new Target();
    await scene(h, taskQueue, target, {
      ...{ breaker: undefined, maxRetries: 1, retryDelay: 10 },
      breakers: { '*': { openTime: '2s' } },
    });
    await makeLetters(h, taskQueue, taskQueue, 60);
    const down = () => {
      throw Object.assign(new Error('down'), { status: 503 });
    };
    target.answer = (record) => (record.id < 10 ? 'written' : down());
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
    const redrive = await recovery.redrives.start({
      // Slow enough that the breaker opens long before the last letter.
      ...{ filter: { queue: taskQueue }, rate: 10, maxFailureShare: 1 },
    });
    const waiting = await eventually(async () => {
      const progress = await redrive.progress();
      return ['WAITING_FOR_BREAKER', 'COMPLETED'].includes(progress.status) && progress;
    });
    assert.equal(waiting.status, 'WAITING_FOR_BREAKER');
    assert.match(waiting.why ?? '', /circuit breaker ".*\/write" is open/);
    target.answer = () => 'written';
    const report = await redrive.result();
    assert.equal(report.status, 'COMPLETED', report.why);
    assert.equal(report.untouched, 0);
    // Some failed before the breaker opened; the service was not called again and again while it was down.
    assert.ok(report.replayed >= 45, JSON.stringify(report));
    assert.equal(report.replayed + report.failed, 60);
  });
});

describe('a redrive longer than a history may be', () => {
  // Hundreds of times smaller than a server's, so that the redrive and its letters go on in new runs again and again.
  const get = useHarness('redrive-long', (h) => h.startWorker({ taskQueue: h.id('idle'), workflowsPath }), {
    'limit.historyCount.suggestContinueAsNew': '40',
  });

  test('goes on in new runs, paused or not, and its report is whole', async () => {
    const h = get();
    const taskQueue = h.id('long');
    const target = new Target();
    await scene(h, taskQueue, target);
    const letters = await makeLetters(h, taskQueue, taskQueue, 100);
    // By the order of the calls: the list of letters has an order of its own, and a canary that fails would stop it.
    let replays = 0;
    target.answer = () => (replays++ % 20 === 7 ? refuse() : 'written');
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
    const redrive = await recovery.redrives.start({ filter: { queue: taskQueue }, rate: 5, canary: 3 });
    await eventually(async () => (await runs(h, redrive.id)) >= 2);
    await redrive.setRate(30);
    const report = await redrive.result();
    assert.deepEqual([report.total, report.replayed, report.failed], [100, 95, 5]);
    assert.equal(report.outcomes.length, 100);
    const read = new Set<string>();
    for await (const { id } of redrive.outcomes()) read.add(id);
    assert.deepEqual([...read].sort(), [...letters].sort());
    for (let id = 0; id < 100; id++) assert.equal(target.callsOf(id), 2, `record ${id}`);
  });
});
