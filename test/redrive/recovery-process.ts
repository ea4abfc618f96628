// A recovery worker as a process of its own, for a test to kill.
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createRecoveryWorker } from '../../worker/recovery-worker/create-worker.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

async function main(taskQueue: string) {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
  const worker = await createRecoveryWorker({
    connection: await NativeConnection.connect({ address }),
    ...{ namespace, taskQueue },
    dataConverter: { payloadCodecs: [], externalStorage: undefined },
  });
  await worker.run();
}

void main(process.argv[2] ?? '');
