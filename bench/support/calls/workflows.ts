import { proxyActivities } from '@temporalio/workflow';

const { call } = proxyActivities<{ call(): Promise<void> }>({ startToCloseTimeout: '30s' });

/** Makes calls, some at the same time, as a sync does. */
export async function drain(calls: number, atOnce: number): Promise<void> {
  let left = calls;
  const lane = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
