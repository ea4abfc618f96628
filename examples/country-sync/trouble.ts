import { setTimeout as delay } from 'node:timers/promises';
import type { TargetApi } from './target-api.js';

const HANGING_REQUESTS = 3;
const LIMITED = { writesPerSecond: 10, ms: 4_000 };
const REFUSED_MS = 8_000;
const UNAVAILABLE_MS = 5_000;

/**
 * The trouble of the demo, in this order. Each begins when the target holds a share of the records; what has
 * not begun when the sync is over is left out. Afterwards the target is well.
 *
 * | from | what                                                     |
 * | ---- | -------------------------------------------------------- |
 * | 10 % | three requests hang                                      |
 * | 20 % | a rate limit: 429 with Retry-After: 1                    |
 * | 45 % | the target is down, then answers 503, then is back        |
 */
export async function makeTrouble(options: {
  target: TargetApi;
  records: number;
  log: (text: string) => void;
  synced: AbortSignal;
  interrupted: AbortSignal;
}): Promise<void> {
  const { target, records, log, synced, interrupted } = options;
  const wait = (ms: number) => delay(ms, undefined, { signal: interrupted });
  const share = async (part: number) => {
    interrupted.throwIfAborted();
    while (target.size < Math.floor(records * part)) await delay(25, undefined, { signal: synced });
    synced.throwIfAborted();
  };
  try {
    await share(0.1);
    log(`target: the next ${HANGING_REQUESTS} requests hang`);
    target.hangNext(HANGING_REQUESTS);

    await share(0.2);
    log(`target: rate limit of ${LIMITED.writesPerSecond} writes/s, the rest gets 429 with Retry-After: 1`);
    target.limitWrites(LIMITED.writesPerSecond);
    await wait(LIMITED.ms);
    target.limitWrites(Number.POSITIVE_INFINITY);
    log(`target: rate limit lifted, ${target.refused} requests got 429`);

    await share(0.45);
    log('target: goes DOWN, connections are refused');
    await target.goDown();
    await wait(REFUSED_MS);
    await target.comeBack({ unavailable: true });
    log('target: listens again, but answers 503');
    await wait(UNAVAILABLE_MS);
    await target.recover();
    log('target: is BACK');
  } catch (error) {
    if (!synced.aborted && !interrupted.aborted) throw error;
    await target.recover();
  }
}
