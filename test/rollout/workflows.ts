import { condition, defineQuery, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import { proxyRecoverableLocalActivities } from 'temporal-recovery/workflow';
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

export const burst = defineSignal<[Burst]>('burst');
export const ended = defineQuery<number>('ended');

export interface Burst {
  readonly count: number;
  readonly isLocal?: boolean;
}

/** At each signal, calls that fail at the same time. */
export async function bursts(): Promise<number> {
  const { fail } = proxyActivities({ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } });
  const local = proxyRecoverableLocalActivities({
    startToCloseTimeout: '10s',
    retry: { maximumAttempts: 1 },
    recovery: {},
  });
  const waiting: Burst[] = [];
  let calls = 0;
  let done = false;
  setHandler(burst, (asked) => void waiting.push(asked));
  setHandler(finish, () => {
    done = true;
  });
  setHandler(ended, () => calls);
  for (;;) {
    await condition(() => done || waiting.length > 0);
    const next = waiting.shift();
    if (next === undefined) return calls;
    const call = next.isLocal ? local.fail : fail;
    await Promise.allSettled(Array.from({ length: next.count }, () => call?.()));
    calls += next.count;
  }
}
