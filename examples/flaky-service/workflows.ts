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

/** Asks for so many prices at once; how often it got one. */
export async function backlog(articles: number): Promise<number> {
  const prices = await Promise.allSettled(
    Array.from({ length: articles }, (_, article) => fetchPrice(`article-${article}`)),
  );
  return prices.filter(({ status }) => status === 'fulfilled').length;
}
