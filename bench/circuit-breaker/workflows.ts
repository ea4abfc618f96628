import { proxyActivities } from '@temporalio/workflow';

const { succeed } = proxyActivities<{ succeed(record: number): Promise<number> }>({
  startToCloseTimeout: '10s',
});

const AT_ONCE = 20;

/** Some activities at once, as a sync does. */
export async function work(activities: number): Promise<void> {
  for (let done = 0; done < activities; done += AT_ONCE) {
    const count = Math.min(AT_ONCE, activities - done);
    await Promise.all(Array.from({ length: count }, (_, record) => succeed(record)));
  }
}

const { push } = proxyActivities<{ push(record: number): Promise<void> }>({
  startToCloseTimeout: '10s',
  retry: { maximumAttempts: 2 },
});

/** Records one after the other; those that fail are left out. */
export async function batch(records: number): Promise<void> {
  for (let record = 0; record < records; record++) await push(record).catch(() => undefined);
}

const patient = proxyActivities<{ push(record: number): Promise<void> }>({ startToCloseTimeout: '10s' });

/** Calls that are retried until they succeed. */
export async function outage(calls: number): Promise<void> {
  await Promise.all(Array.from({ length: calls }, (_, record) => patient.push(record)));
}
