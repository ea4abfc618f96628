import { scheduleLocalActivity } from '@temporalio/workflow';
import {
  HANDLE_FAILURE_ACTIVITY,
  HANDLE_FAILURES_ACTIVITY,
  SHARES_LETTER_PREFIX,
} from '../../common/contract.js';
import { deadLetterWorkflowId } from '../../common/dead-letter/id.js';
import type {
  HandleFailureRequest,
  HandleFailureResult,
} from '../../common/failing-call/failure-description.js';
import { findOperation, namesOfCall } from '../../common/strategies/operation-pattern.js';
import { inline } from '../../common/text/markdown.js';
import { RAW } from '../sdk/convert.js';
import { InFlight } from '../sdk/in-flight.js';
import { nextTask } from '../sdk/next-task.js';
import { runsOneAtATime } from '../sdk/one-at-a-time.js';
import { activitiesOfWorker, perWorkflow } from '../sdk/private-state.js';
import { afterOthers } from './after-others.js';
import { readDecision, readDecisions } from './read-decision.js';
import type { RecoverableInput } from './recoverable-input.js';
import { withHeaders } from './recovery-of-call.js';
import { sharedHeaders } from './shared-headers.js';
import { AT_ONCE, MAX_TOGETHER } from './spread.js';
import { isTogether } from './together.js';

/** Of the requests that are decided together, arguments included; more are decided in the next task. */
const MAX_CHARACTERS = 2_000_000;

/** A failed call, and what follows in the moment in which its decision arrives. */
export class FailedCall {
  /** Set if the decision is not carried out in the workflow task in which it arrived. */
  later: Promise<void> | undefined;
  private made: { readonly request: HandleFailureRequest; readonly json: string } | undefined;

  constructor(
    private readonly makeRequest: () => HandleFailureRequest,
    readonly input: RecoverableInput,
    private readonly carryOut: (decision: HandleFailureResult) => void,
  ) {}

  /** One JSON string, which any payload converter of a user can carry. It is not written to history. */
  request(): { readonly request: HandleFailureRequest; readonly json: string } {
    if (this.made === undefined) {
      const request = this.makeRequest();
      this.made = { request, json: JSON.stringify(request) };
    }
    return this.made;
  }

  /** Called as soon as the decision is known. */
  decided(decision: HandleFailureResult, others: () => Promise<void> | undefined): void {
    // Histories of before 0.8.0: the caller goes on when the promise is resolved.
    if (!decision.direct) return;
    const later = others();
    if (later === undefined) this.carryOut(decision);
    else this.later = later.then(() => this.carryOut(decision));
  }
}

interface Waiting {
  readonly call: FailedCall;
  readonly resolve: (decision: HandleFailureResult) => void;
  readonly reject: (fault: unknown) => void;
}

const stateOf = perWorkflow(() => ({
  running: new InFlight(),
  isTimerSet: false,
  isEndAwaited: false,
  waiting: [] as Waiting[],
}));

/**
 * Asks the worker for the decision on one failed call. All that fail in one activation are decided by one local activity.
 * Calls that fail while it runs are decided in the next workflow task.
 *
 * Never one after the other in the same workflow task: in a replay the SDK gives the results of all local activities of a
 * task as soon as they are scheduled. Those of a second generation (a local activity that follows on the result of another)
 * would then mix with what was there before them. A task is short as well: a long one fails at the server when 100 events
 * arrive during it.
 * @param isFirst whether the failure has just come with an event, so that nothing of ours has ended in this workflow task
 * @returns what `readDecision` reads
 */
export function decisionOn(call: FailedCall, isFirst: boolean): Promise<unknown> {
  const { running, waiting } = stateOf();
  // What cannot be made fails this call alone.
  if (isTogether()) call.request();
  if (isFirst && isTogether()) return decidedWithOthers(call);
  const isFree = running.count === 0 && waiting.length === 0;
  if (isFree || !runsOneAtATime()) {
    const answer = run(() => decideOne(call));
    answer.then(
      (decision) => call.decided(readDecision(decision, call.input), afterOthers),
      () => undefined,
    );
    return answer;
  }
  return new Promise((resolve, reject) => {
    waiting.push({ call, resolve, reject });
    if (!stateOf().isTimerSet) setTimer();
  });
}

function decidedWithOthers(call: FailedCall): Promise<unknown> {
  const state = stateOf();
  return new Promise((resolve, reject) => {
    state.waiting.push({ call, resolve, reject });
    if (state.running.count > 0 || state.isEndAwaited) return;
    state.isEndAwaited = true;
    const ended = () => {
      state.isEndAwaited = false;
      return decideWaiting();
    };
    // Promises go on when all jobs of the activation are done.
    Promise.resolve().then(ended, ended);
  });
}

/** Those that have waited meanwhile are decided in the next workflow task. */
function run<T>(work: () => Promise<T>): Promise<T> {
  const { running } = stateOf();
  const result = running.track(work());
  const ended = () => {
    const { waiting, isTimerSet } = stateOf();
    if (isTogether() && waiting.length > 0 && !isTimerSet) setTimer();
  };
  result.then(ended, ended);
  return result;
}

function setTimer(): void {
  const state = stateOf();
  state.isTimerSet = true;
  const fired = () => {
    state.isTimerSet = false;
    return decideWaiting();
  };
  nextTask().then(fired, fired);
}

/** Never rejects: each call has its own promise. */
async function decideWaiting(): Promise<void> {
  const { waiting, running } = stateOf();
  // What runs sets the timer when it has ended.
  if (isTogether() && running.count > 0) return;
  const calls = takeWaiting();
  if (waiting.length > 0) setTimer();
  const [first] = calls;
  if (first === undefined) return;
  try {
    const decisions =
      calls.length === 1 && isTogether()
        ? [readDecision(await run(() => decideOne(first.call)), first.call.input)]
        : readDecisions(await run(() => decideTogether(calls)), first.call.input);
    const later = afterOthers();
    decisions.forEach((decision, index) => {
      if (decision) calls[index]?.call.decided(decision, () => later);
    });
    calls.forEach(({ resolve, reject }, index) => {
      const decision = decisions[index];
      if (decision) resolve(decision);
      else reject(new Error('This call was not decided together with others'));
    });
  } catch (fault) {
    for (const { reject } of calls) reject(fault);
  }
}
function takeWaiting(): Waiting[] {
  const { waiting } = stateOf();
  if (!isTogether()) return waiting.splice(0, AT_ONCE);
  let taken = 0;
  for (let left = MAX_CHARACTERS; left > 0 && taken < Math.min(waiting.length, MAX_TOGETHER); taken++) {
    left -= waiting[taken]?.call.request().json.length ?? 0;
  }
  return waiting.splice(0, taken);
}

function decideOne(call: FailedCall): Promise<unknown> {
  const { request, json } = call.request();
  return scheduleLocalActivity(
    HANDLE_FAILURE_ACTIVITY,
    [json],
    withHeaders(
      {
        startToCloseTimeout: '30s',
        // Two short retries; longer waits are shared with the other failed calls of this workflow.
        retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 },
        summary: summaryOf(request),
      },
      call.input.headers,
    ),
    { outputType: RAW },
  );
}

function decideTogether(calls: readonly Waiting[]): Promise<unknown> {
  return scheduleLocalActivity(
    HANDLE_FAILURES_ACTIVITY,
    [`[${calls.map(({ call }) => call.request().json).join(',')}]`],
    withHeaders(
      {
        startToCloseTimeout: '2m',
        retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 },
        summary: `${calls.length} activities failed for good. Their dead letters, where there are any, are in the result`,
      },
      sharedHeaders(calls.map(({ call }) => call.input.headers)),
    ),
    { outputType: RAW },
  );
}

/**
 * What the page of the origin shows beside the failed activity. Nothing is decided yet, so it promises no letter, but
 * says where to look. Not part of what has to replay.
 */
function summaryOf(request: HandleFailureRequest): string {
  const { origin, activityType, wasReset } = request;
  const failed = `${inline(activityType, 100)} failed for good.`;
  // The letter may be that of the run before the reset, or that of the record; its id is in the result.
  if (wasReset || mayShareLetter(request))
    return `${failed} Its dead letter, where there is one, is in the result`;
  return `${failed} Its dead letter, where there is one: ${deadLetterWorkflowId(origin, activityType)}`;
}

/** Whether its letter may be that of its record: only the worker can make the key. */
function mayShareLetter({ activityType, recovery }: HandleFailureRequest): boolean {
  const names = [...activitiesOfWorker()].filter((name) => name.startsWith(SHARES_LETTER_PREFIX));
  const operations = new Map(names.map((name) => [name.slice(SHARES_LETTER_PREFIX.length), true]));
  return findOperation(operations, namesOfCall({ operation: recovery?.operation, activityType })) === true;
}
