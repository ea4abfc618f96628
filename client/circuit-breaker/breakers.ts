import type { Client } from '@temporalio/client';
import {
  type BreakerMemo,
  type BreakerOrder,
  type BreakerSnapshot,
  type BreakerStatus,
  breakerWorkflowId,
  MalformedOrderError,
  type OrderKind,
  parseOrder,
  type ResumeOrder,
  shownStatus,
} from '../../common/circuit-breaker/index.js';
import {
  CIRCUIT_BREAKER_ID_PREFIX,
  CIRCUIT_BREAKER_WORKFLOW,
  SEARCH_ATTRIBUTES,
} from '../../common/contract.js';
import { BreakerNotFoundError, InvalidRequestError } from '../errors.js';
import { listExecutions } from '../server/list-executions.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import { orderBreaker, readBreaker } from './entity.js';

/** A line of a list of circuit breakers. */
export interface BreakerSummary {
  /** As the calls name it, and as `breakers.get` takes it. */
  readonly name: string;
  /** `THROTTLED` where it is closed and the quota of all its calls is used up. */
  readonly status: BreakerStatus;
  /** Start of its current run, by the server's clock. A new state, a change of its quotas or a long history starts one. */
  readonly since: Date;
  /** One line: why it is in this state. Absent before its first transition, unless a quota is used up. */
  readonly why?: string;
}

/** The circuit breakers of a namespace. */
export interface Breakers {
  /** Sorted by name. With `status`: only breakers in that state. Visibility may lag a moment behind. */
  list(options?: { status?: BreakerStatus; limit?: number }): Promise<BreakerSummary[]>;
  /** A handle. It makes no request: a breaker that does not exist is reported by the first method that is called. */
  get(name: string): BreakerHandle;
}

/** One circuit breaker. */
export class BreakerHandle {
  constructor(
    private readonly client: Client,
    /** Of the recovery worker. */
    private readonly taskQueue: string,
    /** Name of the breaker, as the calls behind it give it. */
    readonly name: string,
  ) {}

  /** Whether the breaker exists. Its first failure, the options of a worker or `forceOpen` makes it. */
  async exists(): Promise<boolean> {
    return (await readBreaker(this.client, this.name)) !== undefined;
  }

  /** State, settings and last transitions. @throws BreakerNotFoundError */
  async describe(): Promise<BreakerSnapshot> {
    return this.ofEntity(() => this.handle().query<BreakerSnapshot, []>('state'));
  }

  /** Rejects all calls. Makes the breaker if it does not exist yet, on this client's recovery task queue. @throws InvalidRequestError */
  async forceOpen(order: BreakerOrder = {}): Promise<void> {
    const input = this.checked('forceOpen', order);
    await orderBreaker(this.client, this.taskQueue, this.name, { signal: 'forceOpen', input });
  }

  /**
   * Lets all calls pass and counts them, until it expires or is reset. Meanwhile no outage opens it.
   * @throws BreakerNotFoundError, InvalidRequestError
   */
  forceClosed(order: BreakerOrder = {}): Promise<void> {
    return this.order('forceClosed', order);
  }

  /** Lets all calls pass and counts nothing. @throws as `forceClosed` */
  disable(order: BreakerOrder = {}): Promise<void> {
    return this.order('disable', order);
  }

  /** Closes it, counts from zero, and lets calls go on that are held or whose quota is used up. @throws as `forceClosed` */
  reset(order: Pick<BreakerOrder, 'by' | 'reason'> = {}): Promise<void> {
    return this.order('reset', order);
  }

  /**
   * Lets calls go on that the flood guard holds; without an operation all that are held. Where none are held, the page of
   * the breaker says so. @throws as `forceClosed`
   */
  resume(order: ResumeOrder = {}): Promise<void> {
    return this.order('resume', order);
  }

  private handle() {
    return recoveryDataClient(this.client).workflow.getHandle(breakerWorkflowId(this.name));
  }

  private async order(kind: OrderKind, order: BreakerOrder): Promise<void> {
    const input = this.checked(kind, order);
    await this.ofEntity(() => this.handle().signal(kind, input));
  }

  private checked(kind: OrderKind, order: BreakerOrder): BreakerOrder {
    try {
      parseOrder(kind, order);
    } catch (error) {
      if (error instanceof MalformedOrderError) throw new InvalidRequestError(error.message);
      throw error;
    }
    return { ...order, by: order.by ?? this.client.options.identity };
  }

  private async ofEntity<T>(use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      if ((await readBreaker(this.client, this.name)) === undefined)
        throw new BreakerNotFoundError(this.name);
      throw error;
    }
  }
}

const DEFAULT_LIMIT = 1_000;

export async function listBreakers(
  client: Client,
  { status, limit = DEFAULT_LIMIT }: { status?: BreakerStatus; limit?: number } = {},
): Promise<BreakerSummary[]> {
  const query = `WorkflowType = '${CIRCUIT_BREAKER_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const found: BreakerSummary[] = [];
  for await (const { memo, startTime, workflowId, searchAttributes } of listExecutions(client, {
    query,
  })) {
    // By memo, not by search attribute: it works also where those are not registered.
    const shown = (memo?.circuitBreaker ?? undefined) as BreakerMemo | undefined;
    const state = shownStatus(shown) ?? searchAttributes[SEARCH_ATTRIBUTES.status]?.[0];
    if (state === undefined || (status !== undefined && state !== status)) continue;
    found.push({
      name: shown?.name ?? workflowId.slice(CIRCUIT_BREAKER_ID_PREFIX.length),
      status: state as BreakerStatus,
      since: startTime,
      why: shown?.why,
    });
    if (found.length >= limit) break;
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}
