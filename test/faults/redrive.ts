import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { RedriveReport } from 'temporal-recovery/client';
import { awaited, persistently } from './persistently.js';
import { write } from './records.js';
import { LETTER, type Scene } from './scene.js';

/** Records of one workflow. */
const AT_ONCE = 20;

/** Writes letters, before the faults begin. @returns their ids, by record */
export async function makeLetters(scene: Scene): Promise<Map<string, string>> {
  const names = Array.from({ length: scene.size.letters }, (_, index) => `${LETTER}${index}`);
  const letters = new Map<string, string>();
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const { fates } = await write(scene, `origin-${names[from]}`, names.slice(from, from + AT_ONCE));
    for (const [record, fate] of Object.entries(fates)) {
      if (fate === 'written' || fate.letter === undefined) throw new Error(`${record} has no letter`);
      letters.set(record, fate.letter);
    }
  }
  return letters;
}

/** Replays letters while faults happen. */
export async function redriveThroughFaults(
  scene: Scene,
  letters: ReadonlyMap<string, string>,
): Promise<RedriveReport> {
  const { size, target, from } = scene;
  for (const record of letters.keys()) target.mend(record);
  await delay(from + size.faultsMs * 0.1 - Date.now());
  const rate = Math.max(1, letters.size / ((size.faultsMs / 1_000) * 0.7));
  return redrive(scene, 'through-faults', { ids: [...letters.values()], rate: Math.min(rate, 1_000) });
}

/** Replays what is left when no faults happen any more. */
export async function redriveTheRest(scene: Scene): Promise<RedriveReport> {
  scene.target.mendAll();
  const report = await redrive(scene, 'the-rest', { filter: {}, rate: 50, concurrency: 20 });
  await awaited('no open letters', scene.until, async () => {
    return (await scene.recovery.deadLetters.count({ open: true })) === 0;
  });
  return report;
}

export async function redrive(scene: Scene, name: string, request: object): Promise<RedriveReport> {
  const { client, recovery, until } = scene;
  const id = `redrive/${name}`;
  const handle = await persistently(`start of ${id}`, until, async () => {
    try {
      return await recovery.redrives.start({ id: name, maxFailureShare: 1, by: 'faults', ...request });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return recovery.redrives.get(id);
    }
  });
  return persistently(`result of ${id}`, until, () =>
    client.withDeadline(Math.min(until, Date.now() + 30_000), () => handle.result()),
  );
}
