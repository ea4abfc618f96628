import { DeadLetterQueue, RecoveryClient } from 'temporal-recovery/client';
import type { Bench } from '../support/server.js';
import { severalAtOnce } from '../support/several-at-once.js';
import { startWorker } from '../support/worker.js';

/** A worker whose activity `write` does the work of dead letters, with queues of its own. */
export async function openScene(bench: Bench, name: string) {
  const { client, id } = bench;
  const taskQueue = id(name);
  const recoveryQueue = id(`${name}-recovery`);
  const scene = { calls: 0 };
  const stop = await startWorker(
    bench,
    {
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: {
        async write() {
          scene.calls++;
        },
      },
    },
    { taskQueue: recoveryQueue, breaker: false },
  );
  const recovery = new RecoveryClient({ client, taskQueue: recoveryQueue });
  /** Letters, in a queue of this name. */
  const addLetters = (queue: string, count: number) => {
    const letters = new DeadLetterQueue(client, {
      ...{ activity: 'write', activityTaskQueue: taskQueue, taskQueue: recoveryQueue, queue },
    });
    const error = Object.assign(new Error('no such country'), { status: 422 });
    return severalAtOnce(count, (record) => letters.addItem(error, { record, name: 'Atlantis' }));
  };
  const untilListed = async (queue: string, count: number) => {
    while ((await recovery.deadLetters.count({ queue })) < count) await pause();
  };
  /** Until the recovery worker has come to all that was to do before: a redrive that does nothing waits its turn. */
  const untilIdle = async (queue: string) => {
    const redrive = await recovery.redrives.start({ filter: { queue }, limit: 1, dryRun: true });
    await redrive.result();
  };
  const untilCalled = async (calls: number) => {
    while (scene.calls < calls) await pause();
  };
  return {
    ...{ taskQueue, recovery, addLetters, untilListed, untilIdle, untilCalled, stop },
    calls: () => scene.calls,
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
