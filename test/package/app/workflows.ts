import { proxyActivities } from '@temporalio/workflow';
import { deadLetterId } from 'temporal-recovery/workflow';

const { write } = proxyActivities<{ write(id: number): Promise<string> }>({ startToCloseTimeout: '10s' });

/** What was written, or the dead letter of the call. */
export async function sync(id: number): Promise<{ written?: string; letter?: string }> {
  try {
    return { written: await write(id) };
  } catch (error) {
    return { letter: deadLetterId(error) };
  }
}
