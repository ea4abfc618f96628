import {
  condition,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { deadLetterId, proxyRecoverableActivities } from 'temporal-recovery/workflow';
import { callOne, type Seen } from '../support/workflows.js';

export * from '../rollout/workflows.js';
export { callAndFail, callOne } from '../support/workflows.js';

const activities = (taskQueue?: string) =>
  proxyActivities<Record<string, (...args: unknown[]) => Promise<unknown>>>({
    startToCloseTimeout: '30s',
    taskQueue,
  });

/** Many activities at once. */
export async function fanOut(activity: string, count: number): Promise<unknown[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => activities()[activity]?.(index)));
}

export const go = defineSignal('go');

/**
 * An activity, a timer and a signal race, and who wins decides on the next command: a promise more or less
 * between the activity and this code shows as nondeterminism.
 */
export async function race(activity: string, taskQueue: string, timer: string): Promise<string[]> {
  const order: string[] = [];
  let told = false;
  setHandler(go, () => {
    told = true;
  });
  const call = Promise.resolve(activities(taskQueue)[activity]?.());
  const settled = call.then(
    () => 'activity',
    () => 'activity',
  );
  // As many promises between the timer and the race as between the activity and it, so that history order decides.
  const timed = sleep(timer).then(
    () => 'timer',
    () => 'timer',
  );
  const signalled = condition(() => told && order.length > 0).then(() => 'signal');
  order.push(await Promise.race([settled, timed]));
  if (order[0] === 'activity') await activities(taskQueue).after?.();
  else await sleep(1);
  order.push(await Promise.race([settled.then(() => signalled), signalled]));
  return order;
}

/** Arguments that only a payload converter of the user's own can carry. */
export async function callRich(activity: string): Promise<Seen> {
  return callOne(activity, [10n ** 20n, new Date(86_400_000), new Map<string, unknown>([['a', 1n]]), 'text']);
}

/** How a local activity without recovery fails. */
export async function callLocally(activity: string): Promise<string | undefined> {
  const local = proxyLocalActivities<Record<string, () => Promise<unknown>>>({ startToCloseTimeout: '10s' });
  try {
    await local[activity]?.();
    return undefined;
  } catch (error) {
    return String(error instanceof Error ? (error.cause ?? error) : error);
  }
}

/** The letter of a call that fails, with metadata of its own. */
export async function callWithMetadata(metadata: Record<string, unknown>): Promise<string | undefined> {
  const { reject } = proxyRecoverableActivities<{ reject(): Promise<unknown> }>({
    startToCloseTimeout: '10s',
    recovery: { metadata },
  });
  return reject().then(() => undefined, deadLetterId);
}
