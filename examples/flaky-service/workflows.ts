import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from './activities.js';

const { fetchPrice } = proxyActivities<Activities>({ startToCloseTimeout: '5s' });

/** Asks for a price, again and again, until it is terminated. */
export async function traffic(done = 0): Promise<void> {
  let answered = done;
  while (!workflowInfo().continueAsNewSuggested) {
    await fetchPrice(`article-${answered}`);
    answered++;
    await sleep(200);
  }
  await continueAsNew<typeof traffic>(answered);
}
