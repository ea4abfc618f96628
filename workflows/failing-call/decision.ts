import { workflowInfo } from '@temporalio/workflow';
import { InFlight } from '../sdk/in-flight.js';
import { nextTask } from '../sdk/next-task.js';
import { pendingActivities, perWorkflow } from '../sdk/private-state.js';
import { earlierDecisionOn } from './earlier-decision.js';
import { decideAlone, decideTogether, type FailedCall, type WaitingCall } from './failed-call.js';
import { isLocal } from './recoverable-input.js';
import { isTogether } from './together.js';

/** Calls that one local activity decides while many others may end: their letters are written in a moment. */
const MANY = 25;
/** The same where few others may end. */
const MOST = 200;
/** Of activities that have not ended: each gives two events when it ends, and 100 are too many for one workflow task. */
const FEW = 40;
/** Of the requests that one local activity gets, arguments included. */
const MAX_CHARACTERS = 2_000_000;

const stateOf = perWorkflow(() => ({
  running: new InFlight(),
  /** The last workflow task that had a local activity of ours. */
  lastTask: -1,
  isTimerSet: false,
  isEndAwaited: false,
  waiting: [] as WaitingCall[],
}));

/**
 * Asks the worker for the decision on a failed call. All calls that fail in one activation are decided by one local activity.
 *
 * A workflow task has one local activity of ours: in a replay the SDK gives the results of all local activities of a task as
 * soon as they are scheduled. Those of a second one would mix with what was there before them. And a task is short: if 100
 * events arrive during it, the server fails it. What is left is decided in the next task, which the next call that fails
 * begins, or a timer; the server fires timers up to a second late.
 * @returns what `readDecision` reads
 */
export function decisionOn(call: FailedCall): Promise<unknown> {
  if (!isTogether()) return earlierDecisionOn(call);
  // What cannot be made fails this call alone.
  call.request();
  const { lastTask, running, waiting } = stateOf();
  const isFree = running.count === 0 && lastTask !== workflowInfo().historyLength;
  if (isFree && isLocal(call.input)) {
    const answer = decideAlone(call, running);
    begun(answer);
    return answer;
  }
  return new Promise((resolve, reject) => {
    waiting.push({ call, resolve, reject });
    if (isFree) decideWhenAllAreKnown();
    else if (running.count === 0) setTimer();
  });
}

/** Promises go on when all jobs of the activation are done: then all calls that have failed in it are known. */
function decideWhenAllAreKnown(): void {
  const state = stateOf();
  if (state.isEndAwaited) return;
  state.isEndAwaited = true;
  const end = () => {
    state.isEndAwaited = false;
    decideWaiting();
  };
  Promise.resolve().then(end, end);
}

/** Those that wait after it are decided in the next workflow task. */
function begun(work: Promise<unknown>): void {
  const state = stateOf();
  state.lastTask = workflowInfo().historyLength;
  const ended = () => {
    // A long one ends in a later task than the one in which it began.
    state.lastTask = workflowInfo().historyLength;
    if (state.waiting.length > 0) setTimer();
  };
  work.then(ended, ended);
}

function setTimer(): void {
  const state = stateOf();
  if (state.isTimerSet) return;
  state.isTimerSet = true;
  const fired = () => {
    state.isTimerSet = false;
    decideWaiting();
  };
  nextTask().then(fired, fired);
}

function decideWaiting(): void {
  const { running } = stateOf();
  // What runs sets the timer when it has ended.
  if (running.count > 0) return;
  const calls = takeWaiting();
  const [first] = calls;
  if (first === undefined) return;
  if (calls.length > 1) begun(decideTogether(calls, running));
  else begun(decideAlone(first.call, running).then(first.resolve, first.reject));
}

function takeWaiting(): WaitingCall[] {
  const { waiting } = stateOf();
  const most = Math.min(waiting.length, pendingActivities() > FEW ? MANY : MOST);
  let taken = 0;
  for (let left = MAX_CHARACTERS; left > 0 && taken < most; taken++) {
    left -= waiting[taken]?.call.request().json.length ?? 0;
  }
  return waiting.splice(0, taken);
}
