import { ApplicationFailure } from '@temporalio/common';
import { condition, sleep, workflowInfo } from '@temporalio/workflow';
import { LETTER_REFUSED } from '../common/contract.js';

const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 10 * 60_000;
/** The server ends a workflow at 51,200 events or 50 MB: room for what the workflow itself still has to do. */
const MAX_EVENTS = 40_000;
const MAX_BYTES = 40_000_000;

/** One of the failed calls of this workflow tries again and again, and the others wait for it. */
let isOneTrying = false;

/**
 * Tries until it works, as long as the letter cannot be written: server or codec out of reach, permission missing. The
 * waits grow to 10 minutes, and all failed calls of a workflow share one timer, so that the history lasts for weeks.
 * @throws what the last try threw: the letter is refused for good, or the history is nearly full
 */
export async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    if (isOneTrying) await condition(() => !isOneTrying);
    try {
      return await attempt();
    } catch (fault) {
      if (isOver(fault)) throw fault;
      if (!isOneTrying) return keepTrying(attempt);
    }
  }
}

async function keepTrying<T>(attempt: () => Promise<T>): Promise<T> {
  isOneTrying = true;
  try {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      await sleep(wait);
      try {
        return await attempt();
      } catch (fault) {
        if (isOver(fault)) throw fault;
      }
    }
  } finally {
    isOneTrying = false;
  }
}

function isOver(fault: unknown): boolean {
  if (fault instanceof ApplicationFailure && fault.type === LETTER_REFUSED) return true;
  const { historyLength, historySize } = workflowInfo();
  return historyLength > MAX_EVENTS || historySize > MAX_BYTES;
}
