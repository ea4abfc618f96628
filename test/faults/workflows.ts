import { ActivityFailure, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import { deadLetterId, proxyRecoverableActivities } from 'temporal-recovery/workflow';
import type { Activities } from './worker.js';

const { write, publish } = proxyActivities<Activities>({ startToCloseTimeout: '5s' });
const { approve } = proxyRecoverableActivities<Activities>({
  startToCloseTimeout: '5s',
  recovery: { onExhausted: 'park' },
});

/** What became of a record: it was written, or its failure has a letter. */
export type Fate = 'written' | { letter: string | undefined };

/** Writes records at the same time, and goes on in different ways where that fails. */
export async function writeRecords(records: string[]): Promise<Record<string, Fate>> {
  const fates = records.map(async (record, index): Promise<[string, Fate]> => {
    try {
      await (record.startsWith('listed-') ? publish(record) : write(record));
      return [record, 'written'];
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      // Some need more microtasks than others until they give a command.
      for (let step = 0; step < (index % 3) * 10; step++) await null;
      await sleep(1);
      return [record, { letter: deadLetterId(error) }];
    }
  });
  return Object.fromEntries(await Promise.all(fates));
}

/** Writes a record, and waits for a person where that fails. The result, or the type of the failure. */
export async function approveRecord(record: string): Promise<string> {
  try {
    return await approve(record);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return (error.cause as { type?: string }).type ?? 'failed';
  }
}
