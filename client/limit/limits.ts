import type { Client } from '@temporalio/client';
import { LIMIT_ID_PREFIX, LIMIT_WORKFLOW } from '../../common/contract.js';
import { limitWorkflowId } from '../../common/limit/id.js';
import { describeLimit, type LimitInput } from '../../common/limit/limit.js';
import type { LimitMemo, LimitSnapshot } from '../../common/limit/messages.js';
import {
  type LimitOrder,
  MalformedLimitOrderError,
  orderOf,
  parseLimitOrder,
  type SetLimitOrder,
} from '../../common/limit/orders.js';
import { show } from '../../common/text/show.js';
import { InvalidRequestError, LimitNotFoundError } from '../errors.js';
import { isNotFound } from '../server/grpc-status.js';
import { listExecutions } from '../server/list-executions.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import { setLimit } from './entity.js';
import { type QueueLimitRequest, setQueueLimit } from './queue-limit.js';

/** A line of a list of limits. */
export interface LimitSummary {
  /** Of the circuit breaker, as the option `limits` has it. */
  readonly name: string;
  /** In words, as in "10 calls per second". */
  readonly limit: string;
  /** Who has changed it, why and until when; absent where the configured limit holds. */
  readonly changed?: string;
  /** Start of the current run of its workflow, by the server's clock. */
  readonly since: Date;
}

/** Who changes a limit, of which key, and for how long. */
export type LimitChangeOptions = LimitOrder & Pick<SetLimitOrder, 'expiresIn'>;

/** The known limits that the workers of a namespace share. */
export interface Limits {
  /** Limits that are in use, sorted by name. Visibility may lag a moment behind. */
  list(options?: { limit?: number }): Promise<LimitSummary[]>;
  /** A handle. It makes no request: a limit that does not exist is reported by the first method that is called. */
  get(name: string): LimitHandle;
  /** Sets the server's own limits of a task queue, or removes them. @throws InvalidRequestError */
  setQueueLimit(request: QueueLimitRequest): Promise<void>;
}

/** One limit. */
export class LimitHandle {
  constructor(
    private readonly client: Client,
    /** Of the recovery worker. */
    private readonly taskQueue: string,
    /** Name of the limit: that of the circuit breaker. */
    readonly name: string,
  ) {}

  /** The limit, who has changed it, and which keys use most of it. @throws LimitNotFoundError */
  describe(): Promise<LimitSnapshot> {
    return this.ofEntity(() => this.handle().query<LimitSnapshot, []>('state'));
  }

  /**
   * Sets another limit than the configured one, until it expires or is cleared. Workers know it within seconds, workers that use less
   * than half of the limit within a minute.
   * @throws InvalidRequestError
   */
  async set(limit: LimitInput, options: LimitChangeOptions = {}): Promise<void> {
    if (typeof limit !== 'object' || limit === null)
      throw new InvalidRequestError(
        `setLimit: the limit must be an object or a list of windows; got ${show(limit)}`,
      );
    const input = { ...orderOf(limit), ...options, by: options.by ?? this.client.options.identity };
    const { limit: wanted } = checked('setLimit', input);
    if (wanted === undefined) return;
    const made = { name: this.name, limit: wanted, configuredAt: NEVER_CONFIGURED };
    await setLimit(this.client, this.taskQueue, made, input);
  }

  /** The configured limit holds again. @throws LimitNotFoundError, InvalidRequestError */
  async clear(options: LimitOrder = {}): Promise<void> {
    const input = { ...options, by: options.by ?? this.client.options.identity };
    checked('clearLimit', input);
    await this.ofEntity(() => this.handle().signal('clearLimit', input));
  }

  private handle() {
    return recoveryDataClient(this.client).workflow.getHandle(limitWorkflowId(this.name));
  }

  private async ofEntity<T>(use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      if (isNotFound(error)) throw new LimitNotFoundError(this.name);
      throw error;
    }
  }
}

const NEVER_CONFIGURED = new Date(0).toISOString();
const DEFAULT_LIMIT = 1_000;

function checked(kind: 'setLimit' | 'clearLimit', input: unknown) {
  try {
    return parseLimitOrder(kind, input);
  } catch (error) {
    if (error instanceof MalformedLimitOrderError) throw new InvalidRequestError(error.message);
    throw error;
  }
}

async function listLimits(
  client: Client,
  { limit: most = DEFAULT_LIMIT }: { limit?: number } = {},
): Promise<LimitSummary[]> {
  const query = `WorkflowType = '${LIMIT_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const found: LimitSummary[] = [];
  for await (const { memo, startTime, workflowId } of listExecutions(client, { query })) {
    const { name, limit, changed } = (memo?.limit ?? {}) as Partial<LimitMemo>;
    if (!workflowId.startsWith(LIMIT_ID_PREFIX)) continue;
    found.push({
      name: name ?? workflowId.slice(LIMIT_ID_PREFIX.length),
      limit: limit === undefined ? '' : describeLimit(limit),
      ...(changed === undefined ? {} : { changed }),
      since: startTime,
    });
    if (found.length >= most) break;
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

export function limitsOf(client: Client, taskQueue: string, named: (name: unknown) => string): Limits {
  return {
    list: (options) => listLimits(client, options),
    get: (name) => new LimitHandle(client, taskQueue, named(name)),
    setQueueLimit: (request) => setQueueLimit(client, request),
  };
}
