import type { Client } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow';
import { readArguments } from '../client/dead-letter/arguments.js';
import { inParallel } from '../client/in-parallel.js';
import { recoveryDataClient } from '../client/server/temporal-client.js';
import type { DeadLetterRecord } from '../common/dead-letter/record.js';
import type { ErrorJson } from '../common/errors/index.js';

/** What a list does not have of an item. */
export interface ItemDetails {
  /** The error that the item was added with, as JSON. */
  readonly error?: ErrorJson;
  /** The payload of the item, decoded by the client's data converter. */
  readonly payload?: unknown;
  /** What was given with the item, without secrets. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const AT_ONCE = 5;

/**
 * Error, payload and metadata of each item, from its history: no recovery worker need run. An item that cannot be read
 * has none of them, and keeps no other from being read.
 */
export function withDetails<T extends { readonly id: string }>(
  client: Client,
  items: readonly T[],
): Promise<(T & ItemDetails)[]> {
  return inParallel(items, AT_ONCE, async (item) => {
    const details = await detailsOf(client, item.id).catch(() => undefined);
    return { ...item, ...details };
  });
}

async function detailsOf(client: Client, workflowId: string): Promise<ItemDetails | undefined> {
  const record = await readRecord(client, workflowId);
  if (typeof record?.argumentCount !== 'number') return undefined;
  const [payload] = await readArguments(client, workflowId, record.argumentCount);
  return { error: record.error, payload, metadata: record.metadata ?? {} };
}

/** The first input of the workflow. */
async function readRecord(client: Client, workflowId: string): Promise<DeadLetterRecord | undefined> {
  const { namespace, loadedDataConverter } = recoveryDataClient(client).options;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    ...{ namespace, execution: { workflowId }, maximumPageSize: 1 },
  });
  const input = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  return decodeFromPayloadsAtIndex<DeadLetterRecord | undefined>(loadedDataConverter, 0, input, {
    ...{ type: 'workflow', namespace, workflowId },
  });
}
