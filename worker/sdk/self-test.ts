/** A process of its own, started by `check-sdk.ts`: succeeds where the recorded history replays. Its last line says why not. */
import { createRequire } from 'node:module';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from '../recovery-plugin.js';
import { SELF_TEST_HISTORY } from './self-test-history.js';

/** The part of `@temporalio/proto` that is used: a dependency of the worker, and not of this package. */
interface Proto {
  readonly temporal: {
    readonly api: {
      readonly history: { readonly v1: { readonly History: { decode(bytes: Uint8Array): unknown } } };
    };
  };
}

async function main(): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  });
  const { temporal } = createRequire(require.resolve('@temporalio/worker'))('@temporalio/proto') as Proto;
  const history = temporal.api.history.v1.History.decode(Buffer.from(SELF_TEST_HISTORY, 'base64'));
  const workflowsPath = require.resolve('./self-test-workflow.js');
  await Worker.runReplayHistory({ workflowsPath, plugins: [new RecoveryPlugin()] }, history, 'self-test');
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(String((error as Error)?.message ?? error).replaceAll('\n', ' '));
    process.exit(1);
  },
);
