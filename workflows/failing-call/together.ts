import { patched } from '@temporalio/workflow';
import { PATCH_ID, TOGETHER_PATCH_ID } from '../../common/contract.js';
import { alwaysOneAtATime } from '../sdk/one-at-a-time.js';
import { perWorkflow } from '../sdk/private-state.js';
import { isLocal, type RecoverableInput } from './recoverable-input.js';

const stateOf = perWorkflow(() => ({ isOn: false }));

/** Whether the failure of a call is handled; false in a replay of a history in which it was not. */
export function isRecovered(call: RecoverableInput): boolean {
  const state = stateOf();
  if (state.isOn) return true;
  // Not asked right after the result of a local activity (docs/upstream.md).
  if (isLocal(call) || !patched(TOGETHER_PATCH_ID)) return patched(PATCH_ID);
  state.isOn = true;
  alwaysOneAtATime();
  return true;
}

/**
 * Whether all calls that fail in one activation are decided at once, and an answer of a fallback needs no local activity of
 * its own. Before 0.11.0 both were otherwise.
 */
export const isTogether = (): boolean => stateOf().isOn;
