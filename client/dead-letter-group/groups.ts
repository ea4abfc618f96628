import type { Client } from '@temporalio/client';
import { GROUP_WORKFLOW } from '../../common/contract.js';
import { messagePattern } from '../../common/dead-letter/group.js';
import { type GroupPlace, groupWorkflowId } from '../../common/dead-letter-group/id.js';
import type { GroupMemo, GroupSnapshot } from '../../common/dead-letter-group/messages.js';
import {
  type GroupOrder,
  type GroupOrderKind,
  type GroupRedriveOrder,
  MalformedGroupOrderError,
  type MuteOrder,
  parseGroupOrder,
} from '../../common/dead-letter-group/orders.js';
import type { GroupDefault, GroupPreset, GroupStatus } from '../../common/dead-letter-group/state.js';
import { show } from '../../common/text/show.js';
import { quote } from '../dead-letter/filter.js';
import { listDeadLetters } from '../dead-letter/listing.js';
import { GroupNotFoundError, InvalidRequestError } from '../errors.js';
import { listExecutions } from '../server/list-executions.js';
import { listingClient, recoveryDataClient } from '../server/temporal-client.js';
import { orderGroup, readGroup } from './entity.js';

/** A line of a list of groups. Counts may be some seconds old. */
export interface GroupSummary {
  /** Name of the dead-letter queue. */
  readonly queue: string;
  /** Fingerprint of the cause, as in `DeadLetterFilter.group`. */
  readonly group: string;
  /** Where it stands. */
  readonly status: GroupStatus;
  /** Letters written so far; `deadLetters.count` knows those that are open. */
  readonly letters: number;
  /** When the first letter was written. */
  readonly firstSeen: Date;
  /** When the last letter was written. */
  readonly lastSeen: Date;
  /** Operation of the calls. */
  readonly operation: string;
  /** Category of the error. */
  readonly category: string;
  /** HTTP status of the error, where it had one. */
  readonly statusCode?: number;
  /** Message of the newest letter: its first 300 characters, without secrets. */
  readonly message?: string;
  /** The message with `<n>`, `<id>`, `<value>` and `<url>` in place of what differs from one letter to the next. */
  readonly pattern: string;
  /** The newest letter. */
  readonly sampleId?: string;
  /** Letters by build id of the worker whose attempt failed: the three with the most. */
  readonly versions: Readonly<Record<string, number>>;
  /** Letters by host of the request that failed: the three with the most. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Letters by activity type: the three with the most. */
  readonly activities: Readonly<Record<string, number>>;
  /** What somebody has written about it: the beginning. */
  readonly note?: string;
  /** Who looks after it. */
  readonly owner?: string;
  /** Where more is said: a ticket, a page. */
  readonly link?: string;
  /** When its mute ends by itself. */
  readonly mutedUntil?: Date;
  /** What is done with the next letters. */
  readonly preset: GroupPreset;
}

/** Which groups are listed. */
export interface ListGroupsOptions {
  /** Only of this dead-letter queue. */
  queue?: string;
  /** Only of this operation. */
  operation?: string;
  /** Only with errors of this category. */
  category?: string;
  /** Only with this fingerprint. */
  group?: string;
  /** Only in this state. */
  status?: GroupStatus;
  /** Only of this owner. */
  owner?: string;
  /** At most this many, those with the newest letters. @default 1,000 */
  limit?: number;
}

/** The groups of dead letters of a namespace: each is the letters of one cause in one queue. */
export interface DeadLetterGroups {
  /**
   * One query of the server; the newest letters first. Letters of versions before 0.9.0 have no group here: `deadLetters.groups`
   * reads the letters themselves.
   */
  list(options?: ListGroupsOptions): Promise<GroupSummary[]>;
  /**
   * A handle. It makes no request: a group that does not exist is reported by the first method that is called.
   * @param group fingerprint of the cause
   * @param queue name of the dead-letter queue. Default: `default`
   */
  get(group: string, queue?: string): GroupHandle;
}

/** One group of dead letters. */
export class GroupHandle {
  private readonly place: GroupPlace;

  constructor(
    private readonly client: Client,
    /** Fingerprint of the cause. */
    readonly group: string,
    /** Name of the dead-letter queue. */
    readonly queue: string,
  ) {
    this.place = { queue, group };
  }

  /** Workflow id of the group. */
  get workflowId(): string {
    return groupWorkflowId(this.place);
  }

  /** State, counts and story. Needs a running recovery worker. @throws GroupNotFoundError */
  async describe(): Promise<GroupSnapshot> {
    try {
      return await recoveryDataClient(this.client)
        .workflow.getHandle(this.workflowId)
        .query<GroupSnapshot, []>('group');
    } catch (error) {
      if (await this.isMissing()) throw new GroupNotFoundError(this.group, this.queue);
      throw error;
    }
  }

  /**
   * Leaves a note for the next reader; an empty one removes it. The order is a signal: it is done a moment later.
   * @throws GroupNotFoundError where there is neither the group nor a letter of it; InvalidRequestError
   */
  note(note: string, order: GroupOrder = {}): Promise<void> {
    return this.order('note', { ...order, note });
  }

  /** Says who looks after it; an empty owner removes it. @throws as `note` */
  assign(owner: string, order: GroupOrder = {}): Promise<void> {
    return this.order('assign', { ...order, owner });
  }

  /** Links a ticket or a page; an empty link removes it. @throws as `note` */
  link(link: string, order: GroupOrder = {}): Promise<void> {
    return this.order('link', { ...order, link });
  }

  /** Sends no alerts for some time, or until there are more letters. @throws as `note` */
  mute(order: MuteOrder): Promise<void> {
    return this.order('mute', { ...order });
  }

  /** Ends the mute. @throws as `note` */
  unmute(order: GroupOrder = {}): Promise<void> {
    return this.order('unmute', { ...order });
  }

  /** Says that the cause is mended: the next letter makes the group REGRESSED. Open letters stay open. @throws as `note` */
  resolve(order: GroupOrder = {}): Promise<void> {
    return this.order('resolve', { ...order });
  }

  /** What is done with the next letters. Workers know it within ten seconds. @throws as `note` */
  setDefault(action: GroupDefault, order: GroupOrder = {}): Promise<void> {
    return this.order('setDefault', { ...order, action });
  }

  /** Replays the open letters of the group, one first: starts a redrive, which is in the story. @throws as `note` */
  redrive(order: GroupRedriveOrder = {}): Promise<void> {
    return this.order('redrive', { ...order });
  }

  private async order(kind: GroupOrderKind, given: GroupOrder & Record<string, unknown>): Promise<void> {
    try {
      parseGroupOrder(kind, given, Date.now());
    } catch (error) {
      if (error instanceof MalformedGroupOrderError) throw new InvalidRequestError(error.message);
      throw error;
    }
    const order = { ...given, by: given.by ?? this.client.options.identity };
    if (!(await readGroup(this.client, this.place))?.isRunning) return this.make(kind, order);
    await recoveryDataClient(this.client).workflow.getHandle(this.workflowId).signal(kind, order);
  }

  /** Letters of older versions have no group yet: the order makes it, where the workflow of the letter runs. */
  private async make(kind: GroupOrderKind, order: GroupOrder): Promise<void> {
    const [letter] = await listDeadLetters(this.client, { ...this.place, limit: 1 });
    if (letter === undefined) throw new GroupNotFoundError(this.group, this.queue);
    const { id, operation = '', category = '', statusCode, message = '' } = letter;
    const { taskQueue } = await listingClient(this.client).workflow.getHandle(id).describe();
    const group = {
      ...{ ...this.place, operation, category, pattern: messagePattern(message) },
      ...(statusCode === undefined ? {} : { statusCode }),
    };
    await orderGroup(this.client, taskQueue, group, kind, order);
  }

  private async isMissing(): Promise<boolean> {
    return (await readGroup(this.client, this.place)) === undefined;
  }
}

const DEFAULT_LIMIT = 1_000;

export async function listGroups(client: Client, options: ListGroupsOptions = {}): Promise<GroupSummary[]> {
  const { limit = DEFAULT_LIMIT, status, owner, ...place } = options;
  if (!Number.isInteger(limit) || limit < 0)
    throw new InvalidRequestError(`limit must be a whole number from 0; got ${show(limit)}`);
  const query = `WorkflowType = ${quote(GROUP_WORKFLOW)} AND ExecutionStatus = 'Running'`;
  const found: GroupSummary[] = [];
  for await (const { memo } of listExecutions(client, { query, pageSize: 1_000 })) {
    const read = (memo?.deadLetterGroup ?? undefined) as GroupMemo | undefined;
    if (read === undefined) continue;
    const summary = summaryOf(read);
    const isOther = Object.entries(place).some(
      ([name, value]) => value !== undefined && summary[name as keyof typeof place] !== value,
    );
    if (isOther || (status !== undefined && summary.status !== status)) continue;
    if (owner === undefined || summary.owner === owner) found.push(summary);
  }
  return found.sort((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime()).slice(0, limit);
}

function summaryOf({ v: _, workers: __, ...memo }: GroupMemo): GroupSummary {
  const { mutedUntil, firstSeen, lastSeen, versions = {}, hosts = {}, activities = {}, ...rest } = memo;
  return {
    ...rest,
    ...{ firstSeen: new Date(firstSeen), lastSeen: new Date(lastSeen), versions, hosts, activities },
    ...(mutedUntil === undefined ? {} : { mutedUntil: new Date(mutedUntil) }),
  };
}
