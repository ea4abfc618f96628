import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import { callOne, type Seen } from '../support/workflows.js';

export const next = defineSignal<[string]>('next');
export const finish = defineSignal('finish');
export const seenSoFar = defineQuery<Seen[]>('seen');

/** Calls an activity at each signal, for as long as a rollout takes. */
export async function longRunning(): Promise<Seen[]> {
  const calls: string[] = [];
  const seen: Seen[] = [];
  let done = false;
  setHandler(next, (activity) => void calls.push(activity));
  setHandler(finish, () => {
    done = true;
  });
  setHandler(seenSoFar, () => seen);
  for (;;) {
    await condition(() => done || calls.length > 0);
    const call = calls.shift();
    if (call === undefined) return seen;
    seen.push(await callOne(call, []));
  }
}
