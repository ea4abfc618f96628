import { InFlight } from '../sdk/in-flight.js';
import { nextTask } from '../sdk/next-task.js';
import { runsOneAtATime } from '../sdk/one-at-a-time.js';
import { perWorkflow } from '../sdk/private-state.js';
import { decideAlone, decideTogether, type FailedCall, type WaitingCall } from './failed-call.js';

const MAX_TOGETHER = 25;

const stateOf = perWorkflow(() => ({
  running: new InFlight(),
  isTimerSet: false,
  waiting: [] as WaitingCall[],
}));

/**
 * As `decisionOn` did before 0.11.0, for histories of that time: the first failed call is decided alone, and others that fail
 * meanwhile 25 at a time, each time after a timer.
 */
export function earlierDecisionOn(call: FailedCall): Promise<unknown> {
  const { running, waiting } = stateOf();
  const isFree = running.count === 0 && waiting.length === 0;
  if (isFree || !runsOneAtATime()) return decideAlone(call, running);
  return new Promise((resolve, reject) => {
    waiting.push({ call, resolve, reject });
    if (!stateOf().isTimerSet) setTimer();
  });
}

function setTimer(): void {
  stateOf().isTimerSet = true;
  nextTask().then(decideWaiting, decideWaiting);
}

function decideWaiting(): Promise<void> {
  const state = stateOf();
  const calls = state.waiting.splice(0, MAX_TOGETHER);
  state.isTimerSet = false;
  if (state.waiting.length > 0) setTimer();
  return decideTogether(calls, state.running);
}
