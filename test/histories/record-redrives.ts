import { DeadLetterQueue, RecoveryClient, type StartRedriveOptions } from 'temporal-recovery/client';
import { eventually, type Harness, workflowsPath } from '../support/harness.js';
import type { Save } from './record-calls.js';

/** Redrives to their different ends. */
export async function recordRedrives(h: Harness, save: Save): Promise<void> {
  const taskQueue = h.id('redrives');
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await h.startWorker({
    ...{ taskQueue, workflowsPath },
    activities: {
      async write(n: number) {
        if (n % 4 === 3) throw Object.assign(new Error('refused'), { status: 422 });
      },
      async guarded() {},
      slow: () => released,
    },
    plugins: [
      h.plugin({
        breaker: (activity) => (activity === 'guarded' ? h.id('guarded') : false),
        // Made at the start, and so known to the worker when it is forced open.
        breakers: { [h.id('guarded')]: {} },
      }),
    ],
  });
  const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
  const newLetters = (count: number, activity = 'write') => {
    const queue = new DeadLetterQueue(h.client, {
      ...{ activity, activityTaskQueue: taskQueue, taskQueue: h.recoveryTaskQueue, queue: taskQueue },
    });
    return Promise.all(Array.from({ length: count }, (_, n) => queue.addItem(new Error('no'), n)));
  };
  const start = (request: StartRedriveOptions) => recovery.redrives.start({ by: 'ada', ...request });

  const completed = await start({ ids: await newLetters(8), canary: 2, rate: 20 });
  await completed.result();
  await save('redrive-completed', completed.id);

  const transform = { patch: [{ op: 'add', path: '/-', value: 1 }] } as const;
  const dry = await start({ ids: await newLetters(2), transform, dryRun: true });
  await dry.result();
  await save('redrive-dry-run', dry.id);

  const cancelled = await start({ ids: await newLetters(6), action: 'discard', rate: 0.1 });
  await eventually(async () => (await cancelled.progress()).discarded > 0);
  await cancelled.pause();
  await cancelled.setRate(0.2);
  await eventually(async () => (await cancelled.progress()).status === 'PAUSED');
  await cancelled.resume();
  await cancelled.cancel({ reason: 'enough' });
  await cancelled.result();
  await save('redrive-cancelled', cancelled.id);

  // A canary that skips letters until it comes to one it may replay.
  const choosy = { patch: [{ op: 'test', path: '/0', value: 2 }] } as const;
  const skipping = await start({ ids: await newLetters(4), transform: choosy, canary: 1, rate: 20 });
  await skipping.result();
  await save('redrive-canary-skips', skipping.id);

  const slow = await start({ ids: await newLetters(2, 'slow'), rate: 20 });
  await eventually(async () => (await slow.progress()).running === 2);
  await slow.cancel();
  await eventually(async () => (await slow.progress()).status === 'FINISHING');
  release();
  await slow.result();
  await save('redrive-ends-with-outcomes', slow.id);

  const breaker = recovery.breakers.get(h.id('guarded'));
  const ids = await newLetters(3, 'guarded');
  await eventually(() =>
    breaker.forceOpen().then(
      () => true,
      () => false,
    ),
  );
  const waiting = await start({ ids, rate: 50 });
  await eventually(async () => (await waiting.progress()).status === 'WAITING_FOR_BREAKER');
  await breaker.reset();
  await waiting.result();
  await save('redrive-through-outage', waiting.id);
}
