import { CancellationScope, sleep } from '@temporalio/workflow';

/**
 * Waits for the next workflow task. The timer is not part of the scope of who waits: a call that is cancelled does not end
 * the waits of others.
 */
export const nextTask = (): Promise<void> => CancellationScope.nonCancellable(() => sleep(1));
