import { scheduleLocalActivity } from '@temporalio/workflow';
import {
  HANDLE_FAILURE_ACTIVITY,
  HANDLE_FAILURES_ACTIVITY,
  SHARES_LETTER_PREFIX,
} from '../../common/contract.js';
import { deadLetterWorkflowId } from '../../common/dead-letter/id.js';
import {
  type HandleFailureRequest,
  type HandleFailureResult,
  NO_ROOM,
} from '../../common/failing-call/failure-description.js';
import { findOperation, namesOfCall } from '../../common/strategies/operation-pattern.js';
import { inline } from '../../common/text/markdown.js';
import { RAW } from '../sdk/convert.js';
import type { InFlight } from '../sdk/in-flight.js';
import { activitiesOfWorker } from '../sdk/private-state.js';
import { afterOthers } from './after-others.js';
import { readDecision, readDecisions } from './read-decision.js';
import type { RecoverableInput } from './recoverable-input.js';
import { withHeaders } from './recovery-of-call.js';
import { sharedHeaders } from './shared-headers.js';

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

/** A failed call that waits for a local activity which decides several. */
export interface WaitingCall {
  readonly call: FailedCall;
  /** With what `readDecision` reads. */
  readonly resolve: (answer: unknown) => void;
  readonly reject: (fault: unknown) => void;
}

/** Has the worker decide one call. @returns what `readDecision` reads */
export function decideAlone(call: FailedCall, running: InFlight): Promise<unknown> {
  const answer = running.track(decisionOn(call));
  answer.then(
    (decision) => call.decided(readDecision(decision, call.input), afterOthers),
    () => undefined,
  );
  return answer;
}

function decisionOn(call: FailedCall): Promise<unknown> {
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

/**
 * Has the worker decide several calls. Never rejects: each call has its own promise.
 * @param again for calls whose decision had no room beside the others
 */
export async function decideTogether(
  calls: readonly WaitingCall[],
  running: InFlight,
  again: (call: WaitingCall) => void,
): Promise<void> {
  const [first] = calls;
  if (first === undefined) return;
  try {
    const decisions = readDecisions(await running.track(decisionsOn(calls)), first.call.input);
    const later = afterOthers();
    decisions.forEach((decision, index) => {
      if (decision && decision !== NO_ROOM) calls[index]?.call.decided(decision, () => later);
    });
    calls.forEach((waiting, index) => {
      const decision = decisions[index];
      if (decision === NO_ROOM) again(waiting);
      else if (decision) waiting.resolve(decision);
      else waiting.reject(new Error('This call was not decided together with others'));
    });
  } catch (fault) {
    for (const { reject } of calls) reject(fault);
  }
}

function decisionsOn(calls: readonly WaitingCall[]): Promise<unknown> {
  return scheduleLocalActivity(
    HANDLE_FAILURES_ACTIVITY,
    [`[${calls.map(({ call }) => call.request().json).join(',')}]`],
    withHeaders(
      {
        startToCloseTimeout: '1m',
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
