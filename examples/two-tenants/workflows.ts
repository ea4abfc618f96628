import { ActivityFailure, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from './activities.js';
import type { Api, PushedRecord } from './records.js';

const activities = proxyActivities<Activities>({ startToCloseTimeout: '10s' });

export interface Push {
  readonly api: Api;
  readonly records: readonly PushedRecord[];
}

export interface Pushed {
  readonly written: number;
  readonly failed: number;
}

/** Pushes each record by an activity of its own. It goes on past records that fail: they have dead letters. */
export async function push({ api, records }: Push): Promise<Pushed> {
  const answers = await Promise.all(records.map((record) => isWritten(activities[`${api}.push`](record))));
  const written = answers.filter(Boolean).length;
  return { written, failed: records.length - written };
}

async function isWritten(call: Promise<void>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return false;
  }
}
