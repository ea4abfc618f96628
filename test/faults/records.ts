import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { persistently } from './persistently.js';
import { randomFor } from './random.js';
import { RECORD, type Scene } from './scene.js';
import { TASK_QUEUE } from './worker.js';
import type { Fate, writeRecords } from './workflows.js';

/** The records that a workflow writes at once: as many as `AT_MOST`. */
const AT_MOST = 8;

export interface Origin {
  readonly workflowId: string;
  readonly fates: Readonly<Record<string, Fate>>;
}

/** Writes records while faults happen, one to eight in a workflow, over most of the time. @returns what became of them */
export async function writeThroughFaults(scene: Scene): Promise<Origin[]> {
  const { records, faultsMs } = scene.size;
  const random = randomFor(scene.seed, 'records');
  const origins: Promise<Origin>[] = [];
  for (let from = 0; from < records; ) {
    const count = Math.min(1 + Math.floor(random() * AT_MOST), records - from);
    const names = Array.from({ length: count }, (_, index) => `${RECORD}${from + index}`);
    const at = scene.from + (from / records) * faultsMs * 0.9;
    origins.push(
      (async () => {
        await delay(at - Date.now());
        return write(scene, `origin-${names[0]}`, names);
      })(),
    );
    from += count;
  }
  return Promise.all(origins);
}

/** @returns what became of the records */
export async function write(scene: Scene, workflowId: string, records: string[]): Promise<Origin> {
  const { client, until } = scene;
  await persistently(`start of ${workflowId}`, until, async () => {
    const options = { workflowId, taskQueue: TASK_QUEUE, args: [records] as [string[]] };
    await client.workflow.start<typeof writeRecords>('writeRecords', options).catch(unlessStarted);
  });
  const fates = await resultOf(scene, workflowId);
  return { workflowId, fates: fates as Origin['fates'] };
}

/** The result of a workflow, or of what follows it. @throws as the workflow; TooLate */
export function resultOf({ client, until }: Scene, workflowId: string): Promise<unknown> {
  return persistently(`result of ${workflowId}`, until, () =>
    // A call that no deadline ends would wait for ever on a connection that is not one any more.
    client.withDeadline(Math.min(until, Date.now() + 30_000), () =>
      client.workflow.getHandle(workflowId).result(),
    ),
  );
}

export function unlessStarted(error: unknown): void {
  // The start before this one has arrived, though its answer was lost.
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
}
