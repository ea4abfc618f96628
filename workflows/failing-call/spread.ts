import { CancellationScope, patched, sleep } from '@temporalio/workflow';

/** Patch: before it all failed calls of an activation were handled in that activation. */
const SPREAD = 'temporal-recovery/spread-failures';

/** As many take some hundred milliseconds of a sandbox that allows five seconds. */
const AT_ONCE = 100;

let running = 0;
let isTimerSet = false;
const queue: (() => void)[] = [];

/**
 * Does `work` at once while fewer than 100 local activities of ours run. Thousands of calls may fail in one activation: the
 * others go on in later workflow tasks, 100 in each, so that no task takes longer than the sandbox allows. The timer between
 * them ends a task. What waits costs one promise, since the SDK keeps a stack of each: that is most of the time.
 */
export function spread<T>(work: () => Promise<T>): Promise<T> {
  const isFull = running >= AT_ONCE || queue.length > 0;
  if (!isFull || !patched(SPREAD)) return work();
  return new Promise((resolve, reject) => {
    queue.push(() => resolve(work()));
    // A call that is cancelled meanwhile must not end the waits of other calls.
    if (!isTimerSet) CancellationScope.nonCancellable(takeTurns).catch(reject);
  });
}

/**
 * Counts a local activity of ours while it runs. Adds no promise between it and who awaits it: that could change the order
 * of commands.
 */
export function counted<T>(result: Promise<T>): Promise<T> {
  running++;
  const done = () => {
    running--;
  };
  result.then(done, done);
  return result;
}

async function takeTurns(): Promise<void> {
  isTimerSet = true;
  try {
    while (queue.length > 0) {
      await sleep(1);
      for (const go of queue.splice(0, AT_ONCE)) go();
    }
  } finally {
    isTimerSet = false;
  }
}
