import { proxyActivities, sleep } from '@temporalio/workflow';
import { deadLetterId, proxyRecoverableActivities } from 'temporal-recovery/workflow';

export { recoverCall, recoverLocalCall } from '../failing-call/workflows.js';
export { callOne } from '../support/workflows.js';

interface Activities {
  write(record: number): Promise<string>;
}

export interface SyncResult {
  written: number;
  /** Ids of letters of records that failed. */
  letters: string[];
}

/** Writes records, `width` at a time, and goes on whatever becomes of one. */
export async function sync(
  from: number,
  to: number,
  width: number,
  options: { maximumAttempts?: number; pauseMs?: number; breaker?: string } = {},
): Promise<SyncResult> {
  const { maximumAttempts, pauseMs, breaker } = options;
  const base = {
    startToCloseTimeout: '10s',
    ...(maximumAttempts ? { retry: { maximumAttempts } } : {}),
  } as const;
  const { write } =
    breaker === undefined
      ? proxyActivities<Activities>(base)
      : proxyRecoverableActivities<Activities>({ ...base, recovery: { breaker } });
  const letters: string[] = [];
  let written = 0;
  let next = from;
  const lane = async () => {
    while (next < to) {
      const record = next++;
      try {
        await write(record);
        written++;
      } catch (error) {
        letters.push(deadLetterId(error) ?? String(error));
      }
      if (pauseMs) await sleep(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return { written, letters };
}
