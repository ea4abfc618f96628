import type { Client } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow';
import type { CarriedOver } from '../../common/dead-letter/carried-over.js';
import type { DeadLetterRecord, DeadLetterState } from '../../common/dead-letter/record.js';
import { GrpcStatus, grpcStatus } from '../server/grpc-status.js';
import { recoveryDataClient } from '../server/temporal-client.js';

/** What a letter says of itself. One whose workflow was ended before it began is read from what it was started with. */
export async function readState(client: Client, id: string, runId?: string): Promise<DeadLetterState> {
  try {
    const { workflow } = recoveryDataClient(client);
    return await workflow.getHandle(id, runId).query<DeadLetterState>('deadLetter');
  } catch (error) {
    const isUnbegun =
      grpcStatus(error) === GrpcStatus.FAILED_PRECONDITION &&
      /before WorkflowTaskStarted/.test(causeOf(error));
    if (!isUnbegun) throw error;
    return startedWith(client, id, runId);
  }
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
}

async function startedWith(client: Client, id: string, runId: string | undefined): Promise<DeadLetterState> {
  const { options } = recoveryDataClient(client);
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    ...{ namespace: options.namespace, execution: { workflowId: id, runId }, maximumPageSize: 1 },
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const payloads = started?.input?.payloads ?? [];
  const read = <T>(at: number) =>
    decodeFromPayloadsAtIndex<T>(options.loadedDataConverter, at, [...payloads.slice(0, 2)]);
  const record = await read<DeadLetterRecord>(0);
  const carried = payloads.length > 1 ? await read<CarriedOver | null>(1) : undefined;
  return {
    status: carried?.status ?? (record.held === undefined ? 'WAITING' : 'HELD'),
    record,
    story: carried?.story ?? [{ at: record.createdAt, event: 'dead-lettered' }],
    replays: carried?.replays ?? 0,
    ...(carried?.origin === undefined ? {} : { origin: carried.origin }),
  };
}
