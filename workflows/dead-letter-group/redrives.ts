import { RawValue } from '@temporalio/common';
import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { REDRIVE_ID_PREFIX, REDRIVE_WORKFLOW, SEARCH_ATTRIBUTES } from '../../common/contract.js';
import type { GroupInput } from '../../common/dead-letter-group/messages.js';
import { redriveSummary } from '../../common/redrive/markdown.js';
import { RedriveStatus } from '../../common/redrive/types.js';

/** How the open letters of a group are replayed. */
export interface GroupRedrive {
  /** Number of this redrive of the group. */
  readonly number: number;
  readonly canary: number;
  readonly rate?: number;
  readonly by?: string;
  readonly reason?: string;
}

/** Workflow id of a redrive of this group. */
export function redriveId(input: GroupInput, number: number): string {
  return `${redriveIdPrefix(input)}${number}`;
}

/** How the ids of its redrives begin. Another start of the group makes ids of its own. */
export function redriveIdPrefix({ group }: GroupInput): string {
  return `${REDRIVE_ID_PREFIX}group-${group}-${workflowInfo().firstExecutionRunId.slice(0, 8)}-`;
}

/** Starts a redrive of the open letters of the group. It goes on whatever becomes of the group. */
export async function startGroupRedrive(input: GroupInput, redrive: GroupRedrive): Promise<string> {
  const { queue, group, searchAttributes } = input;
  const { number, canary, rate, by, reason } = redrive;
  const workflowId = redriveId(input, number);
  const request = {
    ...{ action: 'replay', filter: { queue, group }, canary, by, reason },
    ...(rate === undefined ? {} : { rate }),
  };
  await startChild(REDRIVE_WORKFLOW, {
    ...{ workflowId, args: [new RawValue(request)], parentClosePolicy: ParentClosePolicy.ABANDON },
    staticSummary: redriveSummary('replay', `queue ${queue}, group ${group}`, by),
    ...(searchAttributes.includes(SEARCH_ATTRIBUTES.status)
      ? { searchAttributes: { [SEARCH_ATTRIBUTES.status]: [RedriveStatus.SNAPSHOT] } }
      : {}),
  });
  return workflowId;
}
