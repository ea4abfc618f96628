import { scheduleLocalActivity } from '@temporalio/workflow';
import { HANDLE_FAILURE_ACTIVITY, HANDLE_FAILURES_ACTIVITY } from '../../common/contract.js';
import { deadLetterWorkflowId } from '../../common/dead-letter/id.js';
import type {
  HandleFailureRequest,
  HandleFailureResult,
} from '../../common/failing-call/failure-description.js';
import { inline } from '../../common/text/markdown.js';
import { RAW } from '../sdk/convert.js';
import { mustWait, oneAtATime } from '../sdk/one-at-a-time.js';
import { readDecisions } from './read-decision.js';
import type { RecoverableInput } from './recoverable-input.js';

/** A failed call that waits until the one before it has its decision. */
interface Waiting {
  readonly request: () => HandleFailureRequest;
  readonly call: RecoverableInput;
  readonly resolve: (decision: HandleFailureResult) => void;
  readonly reject: (fault: unknown) => void;
}

const waiting: Waiting[] = [];

/**
 * Asks the worker for the decision on one failed call. Calls that fail meanwhile are decided together, by one local
 * activity: their letters are written at the same time, and the workflow task ends soon. A long one fails at the server
 * when 100 events arrive during it, and then the SDK may not replay what it has done.
 * @returns what `readDecision` reads
 */
export function decisionOn(request: () => HandleFailureRequest, call: RecoverableInput): Promise<unknown> {
  if (!mustWait()) return oneAtATime(() => decideOne(request()));
  return new Promise((resolve, reject) => {
    waiting.push({ request, call, resolve, reject });
    if (waiting.length === 1) oneAtATime(decideWaiting).catch(() => undefined);
  });
}

/** Never rejects: each call has its own promise. */
async function decideWaiting(): Promise<void> {
  const calls = waiting.splice(0);
  const [first] = calls;
  if (first === undefined) return;
  try {
    const answer = await decideTogether(calls.map(({ request }) => request()));
    const decisions = readDecisions(answer, first.call);
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
function decideOne(request: HandleFailureRequest): Promise<unknown> {
  return scheduleLocalActivity(
    HANDLE_FAILURE_ACTIVITY,
    [JSON.stringify(request)],
    {
      startToCloseTimeout: '30s',
      // Two short retries; longer waits are shared with the other failed calls of this workflow.
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 },
      summary: summaryOf(request),
    },
    { outputType: RAW },
  );
}

function decideTogether(requests: readonly HandleFailureRequest[]): Promise<unknown> {
  return scheduleLocalActivity(
    HANDLE_FAILURES_ACTIVITY,
    [JSON.stringify(requests)],
    {
      ...{ startToCloseTimeout: '30s', retry: { maximumAttempts: 1 } },
      summary: `${requests.length} activities failed for good. Their dead letters, where there are any, are in the result`,
    },
    { outputType: RAW },
  );
}

/**
 * What the page of the origin shows beside the failed activity. Nothing is decided yet, so it promises no letter, but
 * says where to look. Not part of what has to replay.
 */
function summaryOf({ origin, activityType, wasReset }: HandleFailureRequest): string {
  const failed = `${inline(activityType, 100)} failed for good.`;
  // The letter may be that of the run before the reset; its id is in the result.
  if (wasReset) return `${failed} Its dead letter, where there is one, is in the result`;
  return `${failed} Its dead letter, where there is one: ${deadLetterWorkflowId(origin, activityType)}`;
}
