import { ActivityFailure, ApplicationFailure, type TemporalFailure } from '@temporalio/common';
import { deprecatePatch, patched, workflowInfo } from '@temporalio/workflow';
import { OBSERVES_ACTIVITY, PATCH_ID, TOGETHER_PATCH_ID } from '../../common/contract.js';
import { isHandled } from '../../common/failing-call/read-detail.js';
import { alwaysOneAtATime } from '../sdk/one-at-a-time.js';
import { activitiesOfWorker, isPatchInHistory, perWorkflow } from '../sdk/private-state.js';
import { isLocal, type RecoverableInput } from './recoverable-input.js';

/**
 * How a run handles failures. It is known with its first one that is handled, and stays: so workers of the version that
 * began the run can still take it. (Runs of 0.11 may go from `alone` to `together`.)
 */
type Way = 'unknown' | 'alone' | 'together';

const stateOf = perWorkflow(() => ({ way: 'unknown' as Way }));

/** Whether the failure of a call is handled; false in a replay of a history in which it was not. */
export function isRecovered(call: RecoverableInput, error: TemporalFailure): boolean {
  const state = stateOf();
  if (isTogether()) return true;
  state.way = isLocal(call) ? wayOfLocal(error) : wayOfOther();
  if (isTogether()) alwaysOneAtATime();
  return state.way !== 'unknown';
}

function wayOfOther(): Way {
  const mayBegin = stateOf().way === 'unknown' || isPatchInHistory(TOGETHER_PATCH_ID);
  return mayBegin && patched(TOGETHER_PATCH_ID) ? 'together' : earlierWay();
}

/**
 * In a replay the failure of a local activity may arrive before the SDK has read the marker of a patch (docs/upstream.md). So
 * the failure itself says that it is handled. The marker is for those who look for such runs: as that of a deprecated patch it
 * need not be there in a replay.
 */
function wayOfLocal(error: TemporalFailure): Way {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  const saysSo = failure instanceof ApplicationFailure && isHandled(failure.details);
  if (stateOf().way !== 'unknown' || !saysSo) return earlierWay();
  deprecatePatch(TOGETHER_PATCH_ID);
  return 'together';
}

const earlierWay = (): Way => (patched(PATCH_ID) ? 'alone' : 'unknown');

/**
 * Whether all calls that fail in one activation are decided at once, and an answer of a fallback needs no local activity of
 * its own. Before 0.11.0 both were otherwise.
 */
export const isTogether = (): boolean => stateOf().way === 'together';

/** Observing writes nothing to histories, but where a call of the run was handled already. */
export function onlyObserves(): boolean {
  const observes = !workflowInfo().unsafe.isReplaying && activitiesOfWorker().has(OBSERVES_ACTIVITY);
  return observes && stateOf().way === 'unknown';
}
