import { proxyRecoverableActivities } from 'temporal-recovery/workflow';

interface Activities {
  write(record: string): Promise<string>;
}

const options = { startToCloseTimeout: '10s', recovery: { operation: 'write' } } as const;
const { write } = proxyRecoverableActivities<Activities>(options);
const parked = proxyRecoverableActivities<Activities>({
  ...options,
  recovery: { operation: 'write', onExhausted: 'park' },
});

/** A call that becomes a letter, one that is parked, and one after the answer. */
export async function acrossDeployments(): Promise<readonly string[]> {
  const first = await write('letter').catch(() => 'failed');
  return [first, await parked.write('parked'), await write('afterwards')];
}
