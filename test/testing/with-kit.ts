import type { RecoveryPluginOptions } from 'temporal-recovery';
import { type RecoveryTest, startRecoveryTest } from 'temporal-recovery/testing';
import type { Harness } from '../support/harness.js';

export interface Tested {
  readonly workflowsPath: string;
  readonly activities: object;
  /** Of the plugin. */
  readonly options?: RecoveryPluginOptions;
}

/** Runs workflows and activities in this process, with the test kit. */
export async function withKit(
  h: Harness,
  { options, ...worker }: Tested,
  run: (recovery: RecoveryTest) => Promise<void>,
): Promise<void> {
  const recovery = await startRecoveryTest({ client: h.client, nativeConnection: h.connection });
  const plugins = [recovery.plugin(options)];
  const running = await h.startWorker({ taskQueue: recovery.taskQueue, plugins, ...worker });
  try {
    await run(recovery);
  } finally {
    await running.stop();
    await recovery.stop();
  }
}
