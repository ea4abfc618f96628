import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import * as recoveryWorkflows from '../../workflows/recovery-workflows.js';

export interface RecordedRun {
  readonly workflowId: string;
  readonly type: string;
  readonly history: unknown;
}

const OURS = Object.keys(recoveryWorkflows);

/** Every history replays, as it has to when a worker is lost. @returns those that do not */
export async function replayAll(runs: readonly RecordedRun[], codePath: string): Promise<string[]> {
  const calls = runs.filter(({ type }) => !OURS.includes(type));
  const recovery = runs.filter(({ type }) => OURS.includes(type));
  return [
    ...(await replay({ workflowBundle: { codePath }, plugins: [new RecoveryPlugin()] }, calls)),
    ...(await replay({ workflowBundle: await recoveryBundle() }, recovery)),
  ];
}

async function replay(options: ReplayWorkerOptions, runs: readonly RecordedRun[]): Promise<string[]> {
  const failed: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(options, runs)) {
    if (error) failed.push(`the history of ${workflowId} does not replay: ${error.message}`);
  }
  return failed;
}
