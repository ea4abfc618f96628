import type { Payload } from '@temporalio/common';
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

/** As many are decided together: their letters are written in a moment. */
const MAX_TOGETHER = 25;

/** A failed call, and what follows in the moment in which its decision arrives. */
export class FailedCall {
  /** Set if the decision is not carried out in the workflow task in which it arrived. */
  later: Promise<void> | undefined;

  constructor(
    readonly request: () => HandleFailureRequest,
    readonly input: RecoverableInput,
    private readonly carryOut: (decision: HandleFailureResult) => void,
  ) {}

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
  waiting: [] as Waiting[],
}));

/**
 * Asks the worker for the decision on one failed call. Calls that fail meanwhile are decided together in the next workflow
 * task, by one local activity.
 *
 * Never one after the other in the same workflow task: in a replay the SDK gives the results of all local activities of a
 * task as soon as they are scheduled. Those of a second generation (a local activity that follows on the result of another)
 * would then mix with what was there before them. A task is short as well: a long one fails at the server when 100 events
 * arrive during it.
 * @returns what `readDecision` reads
 */
export function decisionOn(call: FailedCall): Promise<unknown> {
  const { running, waiting } = stateOf();
  const isFree = running.count === 0 && waiting.length === 0;
  if (isFree || !runsOneAtATime()) {
    const answer = running.track(decideOne(call.request(), call.input));
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

function setTimer(): void {
  stateOf().isTimerSet = true;
  nextTask().then(decideWaiting, decideWaiting);
}

/** Never rejects: each call has its own promise. */
async function decideWaiting(): Promise<void> {
  const state = stateOf();
  const calls = state.waiting.splice(0, MAX_TOGETHER);
  state.isTimerSet = false;
  if (state.waiting.length > 0) setTimer();
  const [first] = calls;
  if (first === undefined) return;
  try {
    const read = (answer: unknown) => readDecisions(answer, first.call.input);
    const requests = calls.map(({ call }) => call.request());
    const headers = sharedHeaders(calls.map(({ call }) => call.input.headers));
    const decisions = read(await state.running.track(decideTogether(requests, headers)));
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

/** The request is one JSON string, which any payload converter of a user can carry. It is not written to history. */
function decideOne(request: HandleFailureRequest, { headers }: RecoverableInput): Promise<unknown> {
  return scheduleLocalActivity(
    HANDLE_FAILURE_ACTIVITY,
    [JSON.stringify(request)],
    withHeaders(
      {
        startToCloseTimeout: '30s',
        // Two short retries; longer waits are shared with the other failed calls of this workflow.
        retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 },
        summary: summaryOf(request),
      },
      headers,
    ),
    { outputType: RAW },
  );
}

function decideTogether(
  requests: readonly HandleFailureRequest[],
  headers: Record<string, Payload>,
): Promise<unknown> {
  return scheduleLocalActivity(
    HANDLE_FAILURES_ACTIVITY,
    [JSON.stringify(requests)],
    withHeaders(
      {
        ...{ startToCloseTimeout: '30s', retry: { maximumAttempts: 1 } },
        summary: `${requests.length} activities failed for good. Their dead letters, where there are any, are in the result`,
      },
      headers,
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
