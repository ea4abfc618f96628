import { ActivityFailure, ApplicationFailure, RawValue } from '@temporalio/common';
import { CancellationScope, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { carriedProblem } from '../../common/redrive/check-carried.js';
import type { RedriveReport } from '../../common/redrive/types.js';
import { readResult } from '../messages/raw-values.js';
import { readJson } from '../messages/read-json.js';
import { readStart } from '../messages/read-start.js';
import { readableStart } from '../messages/readable-start.js';
import { planRedrive } from './activities.js';
import type { CarriedRedrive } from './carried.js';
import { RedriveControls } from './controls.js';
import { RedriveRun } from './redrive-run.js';

/**
 * Replays, resolves or discards many letters: paced, with a snapshot of the set first, and an outcome for each.
 * Its input is a `RedriveRequest`; it is checked first, for every way to start it.
 */
export async function redrive(given?: RawValue, before?: RawValue): Promise<RedriveReport | RawValue> {
  const later = readableStart('redrive', [given, before]);
  const [request, second] = later === undefined ? [given, before] : await later;
  const carried = readStart<CarriedRedrive | null | undefined>(second, 'InvalidRequestError', (value) => {
    const problem = carriedProblem(value);
    return (
      problem && `redrive: the second input is not the state of an earlier run: ${problem}. Leave it out`
    );
  });
  const controls = new RedriveControls(carried?.isPaused ?? false, carried?.orders ?? []);
  // A cancelled workflow still returns the report.
  const root = CancellationScope.current();
  root.cancelRequested.catch(() => controls.cancel(' with the workflow'));
  return CancellationScope.nonCancellable(async () => {
    const plan = carried?.plan ?? (await checked(request));
    const run = new RedriveRun(plan, controls, carried ?? undefined);
    const next = await run.run();
    if ('report' in next) return next.report;
    return continueAsNew<typeof redrive>(new RawValue(null), new RawValue(next.carried));
  });
}

async function checked(request: RawValue | undefined) {
  try {
    const asked = readJson(request === undefined ? [] : [request]);
    return readResult(await planRedrive(workflowInfo().workflowId, asked));
  } catch (error) {
    // The page of a failed workflow shows its failure: it should be what is wrong, and not that an activity failed.
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    if (cause instanceof ApplicationFailure) throw ApplicationFailure.nonRetryable(cause.message, cause.type);
    throw error;
  }
}
