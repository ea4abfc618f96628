import { continueAsNew } from '@temporalio/workflow';
import { callOne } from '../support/workflows.js';

export * from '../support/workflows.js';

/** Calls one activity and goes on in a new run, once. */
export async function callAndContinue(activity: string, args: unknown[], isLast = false): Promise<void> {
  if (isLast) return;
  await callOne(activity, args);
  await continueAsNew<typeof callAndContinue>(activity, args, true);
}
