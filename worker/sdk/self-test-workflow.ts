import { proxyActivities } from '@temporalio/workflow';

const { fail } = proxyActivities<{ fail(): Promise<void> }>({ startToCloseTimeout: '10s' });

/** The workflow of the recorded history: its activity fails for good. */
export async function recoverySelfTest(): Promise<string> {
  try {
    await fail();
    return 'no failure';
  } catch {
    return 'failed';
  }
}
