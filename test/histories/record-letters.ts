import type { DeadLetterStatus } from 'temporal-recovery/client';
import { eventually, type Harness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import type { Save } from './record-calls.js';

/** Letters that circuit breakers, queues and edits do something with. */
export async function recordLetters(h: Harness, save: Save): Promise<void> {
  let answer: (value: unknown) => unknown = refuse;
  const taskQueue = h.id('letters');
  const autoReplay = { delays: ['1s'] };
  await h.startWorker({
    ...{ taskQueue, workflowsPath },
    activities: {
      write: async (value: unknown) => answer(value),
      late: async (value: unknown) => answer(value),
      again: async (value: unknown) => answer(value),
      mapped: async (value: unknown) => [{ mapped: value }],
      told: async () => undefined,
    },
    plugins: [
      h.plugin({
        breaker: (activity) => (activity === 'write' ? h.id('letters') : false),
        breakers: { '*': { consecutiveFailures: 1, openTime: '2s' } },
        maxRetries: 0,
        operations: { late: { queue: 'late' }, again: { queue: 'again' } },
        queues: { late: { retention: '1s', onDeadLetter: 'told' }, again: { autoReplay } },
      }),
    ],
  });
  const newLetter = async (name: string, activity = 'write') => {
    const { deadLetterId = '' } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id(name), taskQueue, args: [activity, [{ n: 1 }]] },
    });
    return h.recovery.deadLetters.get(deadLetterId);
  };
  const until = (letter: ReturnType<typeof h.recovery.deadLetters.get>, status: DeadLetterStatus) =>
    eventually(async () => (await letter.state()).status === status);

  /** Held, since somebody asked while its breaker was open. */
  const isHeld = (letter: ReturnType<typeof h.recovery.deadLetters.get>) =>
    eventually(async () => (await letter.replay({ by: 'ada' })).outcome === 'HELD');

  answer = down;
  const held = await newLetter('held');
  await isHeld(held);
  answer = () => 'written';
  await until(held, 'REPLAYED');
  await save('letter-held', held.id);

  answer = refuse;
  const edited = await newLetter('edited');
  const patch = [{ op: 'replace', path: '/0/n', value: 2 }] as const;
  await edited.replay({ transform: { patch }, dryRun: true });
  await edited.replay({ transform: { patch: [{ op: 'test', path: '/0/n', value: 9 }] } });
  const breaker = h.recovery.breakers.get(h.id('letters'));
  await breaker.forceOpen({ by: 'ada' });
  // The worker hears of it a moment later; until then the replay just fails.
  await eventually(async () => (await edited.replay({ transform: { patch } })).outcome === 'HELD');
  await breaker.reset({ by: 'ada' });
  answer = () => 'written';
  const replayed = async () =>
    (await edited.replay({ transform: { activity: 'mapped' }, requestId: 'r' })).outcome === 'REPLAYED';
  await eventually(replayed);
  await save('letter-edited', edited.id);

  answer = refuse;
  const expired = await newLetter('expired', 'late');
  await until(expired, 'EXPIRED');
  await h.client.workflow.getHandle(expired.id).result();
  await save('letter-expired', expired.id);

  const again = await newLetter('again', 'again');
  await eventually(async () => (await again.state()).story.some(({ event }) => event === 'gave-up'));
  await again.discard({ by: 'ada' });
  await save('letter-automatic', again.id);

  answer = down;
  const stopped = await newLetter('stopped');
  await isHeld(stopped);
  await stopped.discard({ by: 'ada' });
  await save('letter-held-discarded', stopped.id);
}

function refuse(): never {
  throw Object.assign(new Error('refused'), { status: 422 });
}

function down(): never {
  throw Object.assign(new Error('down'), { status: 503 });
}
