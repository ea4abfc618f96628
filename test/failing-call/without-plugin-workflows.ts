import { proxyRecoverableActivities } from 'temporal-recovery/workflow';

const { write } = proxyRecoverableActivities<{ write(): Promise<string> }>({ startToCloseTimeout: '10s' });

export async function caught(): Promise<string> {
  try {
    return await write();
  } catch (error) {
    return `caught: ${error}`;
  }
}
