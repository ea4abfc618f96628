import { proxyActivities } from '@temporalio/workflow';

interface Activities {
  write(outcome: number): Promise<string>;
}

const { write } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumAttempts: 3 },
});
const patient = proxyActivities<Activities>({ startToCloseTimeout: '1 minute' });

/** One call; its failure is the workflow's own business. */
export async function one(outcome: number): Promise<string> {
  return write(outcome).catch(() => 'failed');
}

/** So many calls at once, which wait for the service. */
export async function many(count: number, outcome: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => patient.write(outcome)));
}
