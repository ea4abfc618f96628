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
