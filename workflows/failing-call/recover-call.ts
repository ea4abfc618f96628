import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  type TemporalFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { CancellationScope, isCancellation, log, patched, workflowInfo } from '@temporalio/workflow';
import { HANDLE_FAILURE_ACTIVITY } from '../../common/contract.js';
import type { HandleFailureResult } from '../../common/failing-call/failure-description.js';
import { activitiesOfWorker, type PendingCall } from '../sdk/private-state.js';
import { count } from '../telemetry/count.js';
import { type Answered, answer, noteAnswer, reportAnswer } from './answer.js';
import { asCancelled, wasCancelledBeforeItsCall } from './cancelled-call.js';
import { handleFailure } from './handle-failure-call.js';
import { observeFailure } from './observer-sink.js';
import { canPark, park, whileUndecided } from './park.js';
import { asLimited, withDeadLetterId, withoutLedger } from './rebuild-failure.js';
import { isLocal, type RecoverableInput } from './recoverable-input.js';
import { spread } from './spread.js';
import { isRecovered, isTogether, onlyObserves } from './together.js';

/**
 * Has `recovery.handleFailure` decide, in the worker, what becomes of a call that failed. The decision is in
 * history, so that configuration can change under running workflows.
 * @param end of the call, in the moment in which the decision arrives
 * @returns undefined where the failure is to go on as it is
 */
export function recover(
  error: unknown,
  call: RecoverableInput,
  scope: CancellationScope,
  end: PendingCall = UNKNOWN_END,
): Promise<unknown> | undefined {
  if (!isFailureOf(call, error)) return undefined;
  if (wasCancelledBeforeItsCall(error) && patched(CANCELLED_BEFORE_ITS_CALL))
    return Promise.reject(asCancelled(error, call));
  if (scope.consideredCancelled) return undefined;
  const { isReplaying } = workflowInfo().unsafe;
  // A bundle made with the plugin, run by a worker without it: nothing can handle the failure there.
  if (!isReplaying && !activitiesOfWorker().has(HANDLE_FAILURE_ACTIVITY)) return undefined;
  if (onlyObserves() || !isRecovered(call, error)) {
    observeFailure(error, call);
    const unwrapped = withoutLedger(error);
    return unwrapped === error ? undefined : Promise.reject(unwrapped);
  }
  return spread(() => carryOut(asLimited(withoutLedger(error)), error, call, scope, end));
}

/** Patch: before it, such a call ended as if its circuit breaker had ended it. */
const CANCELLED_BEFORE_ITS_CALL = 'temporal-recovery/cancelled-before-its-call';

/** Another interceptor delays the call: it ends when the promise does. */
const UNKNOWN_END: PendingCall = { resolve: () => undefined, reject: () => undefined };

/** Local activities fail with the bare failure, others with an ActivityFailure around it. */
function isFailureOf(call: RecoverableInput, error: unknown): error is TemporalFailure {
  if (error instanceof ActivityFailure) return !(error.cause instanceof CancelledFailure);
  return isLocal(call) && (error instanceof ApplicationFailure || error instanceof TimeoutFailure);
}

/** @param failure what the workflow gets where nothing answers */
async function carryOut(
  failure: TemporalFailure,
  error: TemporalFailure,
  call: RecoverableInput,
  scope: CancellationScope,
  end: PendingCall,
): Promise<unknown> {
  const arrived = (decision: HandleFailureResult) => {
    const { direct, action } = decision;
    if (direct && (action === 'deadLetter' || action === 'rethrow'))
      end.reject(finalFailure(failure, decision));
  };
  const decision = await decide(error, call, arrived);
  if (decision?.action === 'park') return park(decision, failure, call, scope);
  if (decision?.action !== 'fallback' && decision?.action !== 'skip') throw finalFailure(failure, decision);
  let fallbackFailure: Error;
  try {
    const value = await scope.run(() => answer(decision, call));
    await noted(decision, value, call, end);
    return value;
  } catch (thrown) {
    if (isCancellation(thrown)) throw thrown;
    fallbackFailure = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  const next = await spread(() => decide(error, call, arrived, fallbackFailure));
  if (next?.action === 'park') return park(next, failure, call, scope);
  if (next?.action !== 'skip') throw finalFailure(failure, next);
  const value = await answer(next, call);
  await noted(next, value, call, end);
  return value;
}

function noted(answered: Answered, value: unknown, call: RecoverableInput, end: PendingCall): Promise<void> {
  if (!isTogether()) return spread(() => noteAnswer(answered, call, () => end.resolve(value)));
  reportAnswer(answered, call);
  end.resolve(value);
  return Promise.resolve();
}

/** A fault of ours never takes the place of the user's failure: then there is no decision. */
async function decide(
  error: TemporalFailure,
  call: RecoverableInput,
  arrived: (decision: HandleFailureResult) => void,
  fallbackFailure?: Error,
): Promise<HandleFailureResult | undefined> {
  try {
    const cannotPark = !canPark();
    return await whileUndecided(() =>
      CancellationScope.nonCancellable(() =>
        handleFailure(error, call, arrived, fallbackFailure, cannotPark),
      ),
    );
  } catch (fault) {
    log.error(FAULT, { error: fault });
    count('letters_lost', { activityType: call.activityType });
    return undefined;
  }
}

const FAULT = 'temporal-recovery could not handle a failed activity';

function finalFailure(failure: TemporalFailure, decision: HandleFailureResult | undefined): TemporalFailure {
  return decision?.action === 'deadLetter' ? withDeadLetterId(failure, decision.deadLetterId) : failure;
}
