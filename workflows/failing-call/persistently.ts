import { ApplicationFailure } from '@temporalio/common';
import { sleep, workflowInfo } from '@temporalio/workflow';
import { LETTER_REFUSED } from '../../common/contract.js';
import { perWorkflow } from '../sdk/private-state.js';
import { spread } from './spread.js';

const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 10 * 60_000;
/** Shorter faults are waited for also where the history is nearly full. */
const LAST_WAIT_MS = 60_000;
/** The server ends a workflow at 51,200 events or 50 MB: room for what the workflow itself still has to do. */
const MAX_EVENTS = 40_000;
const MAX_BYTES = 40_000_000;

/** The next wait, and the failed calls of this workflow that wait for their turn. */
const stateOf = perWorkflow(() => ({
  wait: FIRST_WAIT_MS,
  queue: [] as (() => void)[],
  isTimerSet: false,
}));

/**
 * Tries until it works, as long as the letter cannot be written: server or codec out of reach, permission missing. The
 * waits grow to 10 minutes, and all failed calls of a workflow share one timer, so that the history lasts for weeks. With
 * each timer another of them tries, and when one succeeds all do.
 * @throws what the last try threw: the letter is refused for good, or the history is nearly full
 */
export async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      const result = await (isFirst ? attempt() : spread(attempt));
      const state = stateOf();
      state.wait = FIRST_WAIT_MS;
      for (const go of state.queue.splice(0)) go();
      return result;
    } catch (fault) {
      if (isOver(fault)) throw fault;
      await turn();
    }
  }
}

function turn(): Promise<void> {
  const { queue, isTimerSet } = stateOf();
  return new Promise((resolve, reject) => {
    queue.push(resolve);
    if (!isTimerSet) takeTurns().catch(reject);
  });
}

async function takeTurns(): Promise<void> {
  const state = stateOf();
  state.isTimerSet = true;
  try {
    while (state.queue.length > 0) {
      const ms = state.wait;
      state.wait = Math.min(ms * 2, LONGEST_WAIT_MS);
      await sleep(ms);
      state.queue.shift()?.();
    }
  } finally {
    state.isTimerSet = false;
  }
}

/** A short fault ends nothing, however long the history is. */
function isOver(fault: unknown): boolean {
  if (fault instanceof ApplicationFailure && fault.type === LETTER_REFUSED) return true;
  const { historyLength, historySize } = workflowInfo();
  return stateOf().wait > LAST_WAIT_MS && (historyLength > MAX_EVENTS || historySize > MAX_BYTES);
}
