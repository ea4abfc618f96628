import type { Client } from '@temporalio/client';
import { GROUP_WORKFLOW } from '../../common/contract.js';
import { type GroupPlace, groupWorkflowId } from '../../common/dead-letter-group/id.js';
import type {
  EarlierGroup,
  GroupCause,
  GroupInput,
  GroupMemo,
  GroupReport,
} from '../../common/dead-letter-group/messages.js';
import { GroupStatus, initialGroup } from '../../common/dead-letter-group/state.js';
import { groupAttributes, groupMemo } from '../../common/dead-letter-group/views.js';
import { inline, MAX_SUMMARY_BYTES } from '../../common/text/markdown.js';
import { cutBytes } from '../../common/text/text.js';
import { isNotFound } from '../server/grpc-status.js';
import { registeredSearchAttributes } from '../server/search-attributes.js';
import { listingClient, recoveryDataClient } from '../server/temporal-client.js';

/** What a group is made with, should there be none. */
export type NewGroup = GroupCause & Pick<GroupInput, 'before' | 'idleMs' | 'goneMs'>;

/** The workflow of a group as it is seen from outside. */
export interface GroupRun {
  readonly runId: string;
  /** False where it has ended: the next letter starts it again. */
  readonly isRunning: boolean;
  /** Undefined where no codec of this client can read it. */
  readonly memo: GroupMemo | undefined;
}

/** Undefined where there is none, also none that has ended lately. */
export async function readGroup(client: Client, place: GroupPlace): Promise<GroupRun | undefined> {
  try {
    const handle = listingClient(client).workflow.getHandle(groupWorkflowId(place));
    const { runId, status, memo } = await handle.describe();
    return {
      ...{ runId, isRunning: status.name === 'RUNNING' },
      memo: (memo?.deadLetterGroup ?? undefined) as GroupMemo | undefined,
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Reports letters to a group, which is made should there be none. */
export function reportToGroup(
  client: Client,
  taskQueue: string,
  group: NewGroup,
  report: GroupReport,
): Promise<void> {
  return signalWithStart(client, taskQueue, group, 'report', report);
}

/** Gives an order to a group, which is made should there be none. */
export function orderGroup(
  client: Client,
  taskQueue: string,
  group: NewGroup,
  signal: string,
  order: object,
): Promise<void> {
  return signalWithStart(client, taskQueue, group, signal, order);
}

/** What a new group shows of one of the same cause that has ended. */
export function earlierGroup({ runId, isRunning, memo }: GroupRun): EarlierGroup | undefined {
  if (isRunning || memo === undefined) return undefined;
  const { status, letters, note, owner, link } = memo;
  return {
    ...{ runId, status, letters },
    ...(note === undefined ? {} : { note }),
    ...(owner === undefined ? {} : { owner }),
    ...(link === undefined ? {} : { link }),
  };
}

async function signalWithStart(
  client: Client,
  taskQueue: string,
  group: NewGroup,
  signal: string,
  message: object,
): Promise<void> {
  const searchAttributes = (await registeredSearchAttributes(client)) ?? [];
  const input: GroupInput = { v: 1, ...group, searchAttributes };
  const { operation, category, statusCode, pattern } = group;
  const cause = [operation, category, statusCode, pattern].filter(Boolean).join(' · ');
  await recoveryDataClient(client).workflow.signalWithStart(GROUP_WORKFLOW, {
    ...{ workflowId: groupWorkflowId(group), taskQueue, args: [input] as [GroupInput] },
    ...{ signal, signalArgs: [message] },
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    memo: { deadLetterGroup: groupMemo(group, initialGroup(Date.now()), 0) },
    searchAttributes: groupAttributes(GroupStatus.OPEN, searchAttributes),
    staticSummary: cutBytes(`Dead letters: ${inline(cause, 350)}`, MAX_SUMMARY_BYTES),
    staticDetails:
      'The **dead letters of one cause** in one queue: how many were written, by which versions, who looks after them, and what is done with the next ones.',
  });
}
