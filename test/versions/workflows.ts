import { proxyActivities } from '@temporalio/workflow';
import { deadLetterId, proxyRecoverableActivities } from 'temporal-recovery/workflow';
import type { Call } from './call.js';

interface Activities {
  write(call: Call): Promise<string>;
}

const { write } = proxyActivities<Activities>({ startToCloseTimeout: '10s' });
const parking = proxyRecoverableActivities<Activities>({
  startToCloseTimeout: '10s',
  recovery: { onExhausted: 'park' },
});

/** What the call returned, or how it failed. */
export async function sync(call: Call): Promise<{ answer?: string; letter?: string; message?: string }> {
  try {
    return { answer: await write(call) };
  } catch (error) {
    return { letter: deadLetterId(error), message: ((error as Error).cause as Error | undefined)?.message };
  }
}

/** Waits for what becomes of the dead letter. */
export async function wait(call: Call): Promise<string> {
  return parking.write(call);
}
