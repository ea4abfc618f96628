import { proxyActivities } from '@temporalio/workflow';

const { succeed } = proxyActivities<{ succeed(record: number): Promise<number> }>({
  startToCloseTimeout: '10s',
});

/** One activity after the other. */
export async function work(activities: number): Promise<void> {
  for (let record = 0; record < activities; record++) await succeed(record);
}
