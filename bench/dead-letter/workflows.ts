import { proxyActivities } from '@temporalio/workflow';

/** A workflow that does nothing: the least a start can cost. */
export async function empty(): Promise<void> {}

const { write } = proxyActivities<{ write(record: number): Promise<void> }>({
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 1 },
});

/** Calls them all at once and takes their failures. */
export async function block(calls: number): Promise<void> {
  await Promise.allSettled(Array.from({ length: calls }, (_, record) => write(record)));
}
