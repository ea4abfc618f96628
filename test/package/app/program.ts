// As a user writes it: copied into a project of its own for each set-up, as TypeScript or as what tsc made of it.
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import { idempotencyKey } from 'temporal-recovery/activity';
import { RecoveryClient } from 'temporal-recovery/client';

let isMended = false;

async function write(id: number): Promise<string> {
  if (!isMended) throw Object.assign(new Error('rejected'), { status: 422 });
  return `${id} ${idempotencyKey()}`;
}

/**
 * An activity fails, its letter is replayed.
 * @param workflows path of the workflows, or of a bundle of them
 * @returns the outcome of the replay
 */
export async function replayOne(workflows: string): Promise<string> {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
  const connection = await NativeConnection.connect({ address });
  const taskQueue = `packed-${process.pid}-${Date.now()}`;
  const worker = await Worker.create({
    ...(workflows.endsWith('.bundle.js')
      ? { workflowBundle: { codePath: workflows } }
      : { workflowsPath: workflows }),
    ...{ connection, namespace, taskQueue, activities: { write } },
    plugins: [new RecoveryPlugin({ taskQueue: `${taskQueue}-recovery` })],
  });
  const outcome = await worker.runUntil(async () => {
    const client = new Client({ connection, namespace });
    const { letter } = await client.workflow.execute('sync', {
      ...{ workflowId: taskQueue, taskQueue, args: [1] },
    });
    isMended = true;
    return (await new RecoveryClient({ client }).deadLetters.get(letter).replay({ by: 'test' })).outcome;
  });
  await connection.close();
  return String(outcome);
}
