import { workflowInfo } from '@temporalio/workflow';
import { InFlight } from '../sdk/in-flight.js';
import { nextTask } from '../sdk/next-task.js';
import { runsOneAtATime } from '../sdk/one-at-a-time.js';
import { pendingActivities, perWorkflow } from '../sdk/private-state.js';
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

const NEVER = -1;

const stateOf = perWorkflow(() => ({
  /** Local activities of ours. */
  running: new InFlight(),
  /** The last workflow task that had one. */
  lastTask: NEVER,
  /** The workflow task in which the timer was set that has not fired. */
  timerTask: NEVER,
  isEndAwaited: false,
  waiting: [] as WaitingCall[],
  /** Local activities that failed while others were decided: they join those that wait when that has ended. */
  localsWaiting: [] as WaitingCall[],
}));

const task = (): number => workflowInfo().historyLength;

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
  return isLocal(call.input) ? decisionOnLocal(call) : decisionWithOthers(call);
}

function decisionWithOthers(call: FailedCall): Promise<unknown> {
  const { lastTask, running, waiting } = stateOf();
  return new Promise((resolve, reject) => {
    waiting.push({ call, resolve, reject });
    if (running.count > 0) return;
    if (lastTask === task()) setTimer();
    else decideWhenAllAreKnown();
  });
}

/**
 * In a replay a local activity fails at the begin of the workflow task in which it failed, or later. Whenever that is, it has
 * to be decided with the same calls.
 */
function decisionOnLocal(call: FailedCall): Promise<unknown> {
  const { isEndAwaited, lastTask, localsWaiting, running, timerTask, waiting } = stateOf();
  const isFirst = running.count === 0 && !isEndAwaited && lastTask !== task();
  if (isFirst && timerTask === NEVER && waiting.length === 0) return begun(decideAlone(call, running));
  return new Promise((resolve, reject) => {
    const local = { call, resolve, reject };
    const mayFire = timerTask !== NEVER && timerTask !== task();
    if (running.count > 0 || isEndAwaited || mayFire) {
      localsWaiting.push(local);
      return;
    }
    waiting.push(local);
    setTimer();
  });
}

/** As before 0.11.0: the first is decided alone, and those that fail meanwhile 25 at a time, each time after a timer. */
function earlierDecisionOn(call: FailedCall): Promise<unknown> {
  const { running, waiting } = stateOf();
  const isFree = running.count === 0 && waiting.length === 0;
  if (isFree || !runsOneAtATime()) return begun(decideAlone(call, running));
  return new Promise((resolve, reject) => {
    waiting.push({ call, resolve, reject });
    setTimer();
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
function begun<T>(work: Promise<T>): Promise<T> {
  const state = stateOf();
  state.lastTask = task();
  const ended = () => {
    // A long one ends in a later task than the one in which it began.
    state.lastTask = task();
    state.waiting.push(...state.localsWaiting.splice(0));
    if (state.waiting.length > 0) setTimer();
  };
  work.then(ended, ended);
  return work;
}

function setTimer(): void {
  const state = stateOf();
  if (state.timerTask !== NEVER) return;
  state.timerTask = task();
  const fired = () => {
    state.timerTask = NEVER;
    decideWaiting();
  };
  nextTask().then(fired, fired);
}

function decideWaiting(): void {
  const { running, waiting } = stateOf();
  // What runs sets the timer when it has ended.
  if (isTogether() && running.count > 0) return;
  const calls = takeWaiting();
  const [first] = calls;
  if (first === undefined) return;
  if (!isTogether() && waiting.length > 0) setTimer();
  const again = (call: WaitingCall) => waiting.push(call);
  if (calls.length > 1 || !isTogether()) void begun(decideTogether(calls, running, again));
  else decideOne(first);
}

function decideOne({ call, resolve, reject }: WaitingCall): void {
  try {
    begun(decideAlone(call, stateOf().running)).then(resolve, reject);
  } catch (fault) {
    reject(fault);
  }
}

function takeWaiting(): WaitingCall[] {
  const { waiting } = stateOf();
  if (!isTogether()) return waiting.splice(0, MANY);
  const most = Math.min(waiting.length, pendingActivities() > FEW ? MANY : MOST);
  let taken = 0;
  for (let left = MAX_CHARACTERS; left > 0 && taken < most; taken++) {
    left -= waiting[taken]?.call.request().json.length ?? 0;
  }
  return waiting.splice(0, taken);
}
