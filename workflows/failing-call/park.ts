import { ActivityFailure, CancelledFailure, RawValue, type TemporalFailure } from '@temporalio/common';
import {
  CancellationScope,
  type ChildWorkflowHandle,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  patched,
  scheduleActivity,
  sleep,
  startChild,
  type Workflow,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import {
  ARGUMENTS_SIGNAL,
  AWAIT_LETTER_ACTIVITY,
  DEAD_LETTER_WORKFLOW,
  PARKED_STATUS_KEY,
} from '../../common/contract.js';
import { searchAttributesOf } from '../../common/dead-letter/attributes.js';
import { details, summary } from '../../common/dead-letter/markdown.js';
import type { DeadLetterStatus } from '../../common/dead-letter/record.js';
import type { HandleFailureResult } from '../../common/failing-call/failure-description.js';
import { fromPayload, RAW } from '../sdk/convert.js';
import { payloadConverter, pendingChildren, perWorkflow } from '../sdk/private-state.js';
import {
  type ClosedLetter,
  closedLetterFailure,
  DEAD_LETTER_DISCARDED,
  DEAD_LETTER_EXPIRED,
} from './dead-letter-errors.js';
import { argumentPayloads } from './handle-failure-call.js';
import { withCause, withDeadLetterId } from './rebuild-failure.js';
import { type RecoverableInput, serializationContext } from './recoverable-input.js';

type Parking = Extract<HandleFailureResult, { action: 'park' }>;

/** The server lets a workflow have 2,000 children at a time; some are left to the user. */
const MAX_PENDING_CHILDREN = 1_900;

/** Patch: before it a cancellation of the origin closed its letter also when the origin did not wait any more. */
const BUDGET_ENDS_TIE = 'temporal-recovery/park-budget-ends-tie';

/** Beside the record in one input; more comes as a signal right after the start. */
const MAX_INLINE_BYTES = 1_000_000;

/** Letters that are decided on but not started yet, per workflow. */
const undecided = perWorkflow(() => ({ count: 0 }));

/** Whether one more letter may be a child of this workflow. Too many children of one workflow are an error that cannot be caught. */
export function canPark(): boolean {
  return pendingChildren() + undecided().count < MAX_PENDING_CHILDREN;
}

/** Counts a decision that may end in a child, while it is under way. */
export async function whileUndecided<T>(decision: () => Promise<T>): Promise<T> {
  const letters = undecided();
  letters.count++;
  try {
    return await decision();
  } finally {
    letters.count--;
  }
}

/**
 * Starts the letter as a child and waits for its outcome: the answer of its replay or of an operator, or a
 * failure. A child, because its end reaches this workflow whatever restarts meanwhile.
 * @throws ActivityFailure as the call would have thrown it
 */
export async function park(
  parking: Parking,
  failure: TemporalFailure,
  call: RecoverableInput,
  scope: CancellationScope,
): Promise<unknown> {
  const { record, taskQueue, timeoutMs, direct } = parking;
  try {
    if (parking.ofEarlierRun) return await scope.run(() => parkAgain(parking, failure, call));
    return await scope.run(async () => {
      const args = argumentPayloads(call).map((payload) => RawValue.fromPayload(payload));
      const size = args.reduce((sum, { payload }) => sum + (payload.data?.length ?? 0), 0);
      const inline = size <= MAX_INLINE_BYTES;
      const input = [new RawValue(record), new RawValue(null), ...(inline ? args : [])];
      // Once the budget of the wait is used up the letter is no longer the origin's to cancel.
      // A decision of 0.8.0 or later says so itself: right after a local activity `patched` may not know its own marker.
      const child = timeoutMs !== undefined && (direct || patched(BUDGET_ENDS_TIE)) ? new Tied() : undefined;
      const start = () =>
        startChild(DEAD_LETTER_WORKFLOW, {
          workflowId: record.id,
          taskQueue,
          args: input,
          ...rawTypes(input),
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
          // An origin that is terminated leaves its letter waiting; one that is cancelled closes it.
          parentClosePolicy: ParentClosePolicy.ABANDON,
          searchAttributes: searchAttributesOf(record),
          staticSummary: summary(record),
          staticDetails: details(record),
        });
      const letter = await (child === undefined ? start() : child.run(start));
      if (!inline) await sendArguments(letter, args);
      const result = letter.result() as Promise<RawValue>;
      const answer =
        timeoutMs === undefined ? await result : await within(timeoutMs, result, child !== undefined);
      if (answer === undefined) {
        child?.untie();
        throw withDeadLetterId(failure, record.id);
      }
      return answered(answer, failure, record.id, call);
    });
  } catch (error) {
    if (isCancellation(error) && scope.consideredCancelled) throw cancelled(failure, call);
    if (error instanceof ActivityFailure) throw error;
    // Somebody terminated the letter, or it could not be started: the failure goes on as if nothing had waited.
    log.warn('temporal-recovery: a parked dead letter gave no answer to its workflow', { error });
    throw withDeadLetterId(failure, record.id);
  }
}

/**
 * Waits for a letter that is there since before a reset. The end of a child reaches only the run that started it, so an
 * activity asks for it. A cancellation closes the letter as it would close a child.
 */
async function parkAgain(
  { record, taskQueue, timeoutMs }: Parking,
  failure: TemporalFailure,
  call: RecoverableInput,
): Promise<unknown> {
  const wait = new CancellationScope();
  try {
    const result = wait.run(() =>
      scheduleActivity<RawValue>(
        AWAIT_LETTER_ACTIVITY,
        [new RawValue(record.id)],
        {
          ...{ taskQueue, startToCloseTimeout: '1 minute', summary: `Waits for ${record.id}` },
          retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '30s' },
        },
        RAW === undefined ? undefined : { inputTypes: [RAW], outputType: RAW },
      ),
    );
    const answer = await (timeoutMs === undefined ? result : within(timeoutMs, result, false)).catch(
      noAnswer,
    );
    if (answer === undefined) throw withDeadLetterId(failure, record.id);
    return answered(answer, failure, record.id, call);
  } catch (error) {
    if (isCancellation(error)) await closeLetter(record.id);
    throw error;
  } finally {
    wait.cancel();
  }
}

/** The failure of the activity that asks is none of the user's. */
function noAnswer(error: unknown): never {
  if (error instanceof ActivityFailure && !isCancellation(error))
    throw error.cause ?? new Error(error.message);
  throw error;
}

async function closeLetter(id: string): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(id).cancel());
  } catch (error) {
    log.warn('temporal-recovery: a dead letter closed before the cancellation of its origin', { error });
  }
}

/** A scope that is cancelled with the one around it, until it is untied. */
class Tied {
  // The one between keeps the cancellation of the scope around from it.
  private readonly scope = new CancellationScope({
    cancellable: true,
    parent: new CancellationScope({ cancellable: false }),
  });
  private isTied = true;

  constructor() {
    CancellationScope.current().cancelRequested.catch(() => {
      if (this.isTied) this.scope.cancel();
    });
  }

  run<T>(start: () => Promise<T>): Promise<T> {
    return this.scope.run(start);
  }

  untie(): void {
    this.isTied = false;
  }
}

/** Before 1.24 the payload converter knows raw values by itself (`passRawValues`). */
function rawTypes(input: readonly RawValue[]) {
  const raw = RAW;
  return raw === undefined ? {} : { typeInfo: { inputTypes: input.map(() => raw), outputType: raw } };
}

/** The letter may have been closed meanwhile: its result says how. */
async function sendArguments(letter: ChildWorkflowHandle<Workflow>, args: RawValue[]): Promise<void> {
  try {
    // Before 1.23 signals have no options.
    if (RAW === undefined) await letter.signal(ARGUMENTS_SIGNAL, ...args);
    else await letter.signalWithOptions(ARGUMENTS_SIGNAL, { args, ...rawTypes(args) });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('temporal-recovery: a dead letter closed before it got its arguments', { error });
  }
}

/** Undefined when the time is over first. */
async function within(
  timeoutMs: number,
  result: Promise<RawValue>,
  isTied: boolean,
): Promise<RawValue | undefined> {
  const timer = new CancellationScope();
  const timeIsOver = timer
    .run(() => sleep(timeoutMs))
    .then(
      () => undefined,
      (error) => {
        // The letter ends first: the origin must not end before its letter has received the cancellation.
        if (isTied) return new Promise<never>(() => undefined);
        throw error;
      },
    );
  // Cancelling the timer rejects it, when no code awaits it any more.
  timeIsOver.catch(() => undefined);
  try {
    return await Promise.race([result, timeIsOver]);
  } finally {
    timer.cancel();
  }
}

function answered(
  { payload }: RawValue,
  failure: TemporalFailure,
  deadLetterId: string,
  call: RecoverableInput,
): unknown {
  const { [PARKED_STATUS_KEY]: mark, ...metadata } = payload.metadata ?? {};
  const status = String.fromCharCode(...(mark ?? [])) as DeadLetterStatus;
  const decode = (outputType?: NonNullable<RecoverableInput['typeInfo']>['outputType']): unknown =>
    fromPayload(payloadConverter(), { ...payload, metadata }, serializationContext(call), outputType);
  if (status === 'REPLAYED' || status === 'RESOLVED') return decode(call.typeInfo?.outputType);
  const { by, reason } = decode() as Partial<ClosedLetter>;
  const type = status === 'EXPIRED' ? DEAD_LETTER_EXPIRED : DEAD_LETTER_DISCARDED;
  const original = failure instanceof ActivityFailure ? failure.cause : failure;
  throw withCause(failure, closedLetterFailure(type, { deadLetterId, by, reason }, original), call);
}

function cancelled(failure: TemporalFailure, call: RecoverableInput): ActivityFailure {
  return withCause(failure, new CancelledFailure('The wait for its dead letter was cancelled'), call);
}
