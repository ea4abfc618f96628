import { CancellationScope, patched, sleep } from '@temporalio/workflow';
import { runsOneAtATime } from '../sdk/one-at-a-time.js';

/** Patch: before it all failed calls of an activation were handled in that activation. */
const SPREAD = 'temporal-recovery/spread-failures';

/** So many letters are written in a moment: a workflow task should be short. */
const AT_ONCE = 25;
/** Before several calls were decided together. They take some hundred milliseconds of a sandbox that allows five seconds. */
const ALONE_AT_ONCE = 100;

let running = 0;
let isTimerSet = false;
const queue: (() => void)[] = [];

/**
 * Does `work` at once while fewer than 25 calls wait for their decision. Thousands of calls may fail in one activation: the
 * others go on in later workflow tasks, 25 in each, so that no task takes long, and none longer than the sandbox allows. The
 * timer between them ends a task. What waits costs one promise, since the SDK keeps a stack of each: that is most of the time.
 */
export function spread<T>(work: () => Promise<T>): Promise<T> {
  if (!isFull() || !patched(SPREAD)) return work();
  return new Promise((resolve, reject) => {
    queue.push(() => resolve(work()));
    // A call that is cancelled meanwhile must not end the waits of other calls.
    if (!isTimerSet) CancellationScope.nonCancellable(takeTurns).catch(reject);
  });
}

function isFull(): boolean {
  return queue.length > 0 || running >= ALONE_AT_ONCE || (running >= AT_ONCE && runsOneAtATime());
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
      for (const go of queue.splice(0, runsOneAtATime() ? AT_ONCE : ALONE_AT_ONCE)) go();
    }
  } finally {
    isTimerSet = false;
  }
}
