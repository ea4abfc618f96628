import type { WorkflowHandle } from '@temporalio/client';
import { eventually, type Harness } from './harness.js';

/**
 * Opens a breaker by hand, and waits until the worker rejects calls, since it hears of it a moment later.
 * @param start starts a workflow that makes one call behind it
 */
export async function forceOpen(
  h: Harness,
  name: string,
  start: (id: string) => Promise<WorkflowHandle>,
  expiresIn?: string,
): Promise<void> {
  const breaker = h.recovery.breakers.get(name);
  await eventually(() => breaker.describe());
  await breaker.forceOpen({
    by: 'ada',
    reason: 'maintenance',
    ...(expiresIn === undefined ? {} : { expiresIn }),
  });
  await eventually(async () => {
    const handle = await start(h.id(`until-rejected-${Math.random()}`));
    const status = await eventually(async () => {
      const { raw, status } = await handle.describe();
      const isRejected = /forced open/.test(raw.pendingActivities?.[0]?.lastFailure?.message ?? '');
      return (isRejected || status.name !== 'RUNNING') && status.name;
    });
    if (status === 'RUNNING') await handle.terminate();
    return status === 'RUNNING';
  });
}
