import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { GrpcStatus, grpcStatus } from '../../client/server/grpc-status.js';
import type { GrpcAnswer, Substitute } from './grpc-proxy.js';

/** How visibility answers. */
export const LIES = [
  /** With UNAVAILABLE. */
  'unavailable',
  /** Not until it is over. */
  'hangs',
  /** With what was right seconds before. */
  'late',
  /** With no rows, and a count of 0. */
  'empty',
  /** With half of the rows. */
  'partial',
  /** With each row twice, in the opposite order. */
  'repeated',
  /** With the same page again and again: its token leads to itself. */
  'token',
] as const;
export type Lie = (typeof LIES)[number];

const { v1 } = temporal.api.workflowservice;
type Rows = temporal.api.workflowservice.v1.IListWorkflowExecutionsResponse;
type Row = temporal.api.workflow.v1.IWorkflowExecutionInfo;
interface ListRequest {
  query?: string | null;
  pageSize?: number | null;
  nextPageToken?: Uint8Array | null;
}

/** Methods of the workflow service that answer from visibility, and their messages. */
const LISTS = {
  ListWorkflowExecutions: [v1.ListWorkflowExecutionsRequest, v1.ListWorkflowExecutionsResponse],
  ListOpenWorkflowExecutions: [v1.ListOpenWorkflowExecutionsRequest, v1.ListOpenWorkflowExecutionsResponse],
  ListClosedWorkflowExecutions: [
    v1.ListClosedWorkflowExecutionsRequest,
    v1.ListClosedWorkflowExecutionsResponse,
  ],
  ScanWorkflowExecutions: [v1.ScanWorkflowExecutionsRequest, v1.ScanWorkflowExecutionsResponse],
} as const;
const COUNT = 'CountWorkflowExecutions';
const SERVICE = '/temporal.api.workflowservice.v1.WorkflowService/';

const PAST_INTERVAL_MS = 1_000;
/** So visibility is late by eight seconds, and more the longer that goes on. */
const PAST_ANSWERS = 8;
const PAST_PAGE = 1_000;

type ListMethod = keyof typeof LISTS;

/** A wrong answer, or none, that was given to a process. */
export interface ToldLie {
  readonly at: number;
  readonly lie: Lie;
  readonly isCount: boolean;
  /** Rows that the server had listed are missing. */
  readonly omits: boolean;
}

/** Visibility as the processes of a campaign see it: it lies while it is ordered to. */
export class Visibility implements Substitute {
  readonly told: ToldLie[] = [];
  private lie: Lie | undefined;
  private ended: Promise<void> = Promise.resolve();
  private endLie: () => void = () => undefined;
  /** Answers that a late visibility gives, by query. */
  private readonly before = new Map<string, Promise<Rows>>();
  /** What it answered to `query` lately, the oldest first. */
  private past: Rows[] = [];
  private readonly watching: NodeJS.Timeout;

  constructor(
    /** Gets true answers. */
    private readonly client: Client,
    /** It is late by seconds in its answers to it; to other queries by the time since the first answer. */
    private readonly query: string,
  ) {
    const look = () => this.ask('ListWorkflowExecutions', { query, pageSize: PAST_PAGE });
    this.watching = setInterval(() => {
      look().then(
        (rows) => {
          this.past = [...this.past, rows].slice(-PAST_ANSWERS);
        },
        // The server is away: what was right before it was is as late as any.
        () => undefined,
      );
    }, PAST_INTERVAL_MS);
  }

  close(): void {
    clearInterval(this.watching);
  }

  begin(lie: Lie): void {
    this.lie = lie;
    this.ended = new Promise((resolve) => {
      this.endLie = resolve;
    });
    if (lie !== 'late') return;
    const [rows] = this.past;
    if (rows !== undefined) this.before.set(this.query, Promise.resolve({ ...rows, nextPageToken: null }));
  }

  end(): void {
    this.lie = undefined;
    this.before.clear();
    this.endLie();
  }

  /** Whether an answer between these times lacked rows. */
  omitted(from: number, until: number): boolean {
    return this.told.some(({ at, omits }) => omits && at >= from && at <= until);
  }

  handles(path: string): boolean {
    const method = methodOf(path);
    return method === COUNT || method in LISTS;
  }

  async answer(path: string, message: Uint8Array): Promise<GrpcAnswer | undefined> {
    const { lie } = this;
    if (lie === undefined) return undefined;
    const method = methodOf(path);
    const tell = (omits = false) => this.told.push({ at: Date.now(), lie, isCount: method === COUNT, omits });
    if (lie === 'unavailable') {
      tell();
      return { status: GrpcStatus.UNAVAILABLE, text: 'visibility is away' };
    }
    if (lie === 'hangs') {
      tell();
      await this.ended;
      return undefined;
    }
    try {
      if (method === COUNT) {
        const request = v1.CountWorkflowExecutionsRequest.decode(message);
        const { count } = await this.client.workflowService.countWorkflowExecutions(request);
        const wrong = await this.wrongCount(lie, Number(count), request);
        if (wrong !== Number(count)) tell();
        return { message: v1.CountWorkflowExecutionsResponse.encode({ count: longOf(wrong) }).finish() };
      }
      return await this.listed(lie, method as ListMethod, message, tell);
    } catch (error) {
      // The server itself is away, or refuses the request.
      const text = error instanceof Error ? error.message : `${error}`;
      return { status: grpcStatus(error) ?? GrpcStatus.UNAVAILABLE, text };
    }
  }

  private async listed(
    lie: Lie,
    method: ListMethod,
    message: Uint8Array,
    tell: (omits: boolean) => void,
  ): Promise<GrpcAnswer> {
    const [Request, Response] = LISTS[method];
    const request = Request.decode(message) as ListRequest;
    // Its own, of a page that comes again.
    if (lie === 'token') request.nextPageToken = null;
    const truth = await this.ask(method, request);
    const answer = lie === 'late' ? await this.asBefore(request) : wrongRows(lie, truth);
    const told = idsOf(answer);
    const isLast = (rows: Rows) => (rows.nextPageToken?.length ?? 0) === 0;
    const isTrue = idsOf(truth).join() === told.join() && isLast(truth) === isLast(answer);
    if (!isTrue) tell(idsOf(truth).some((id) => !told.includes(id)));
    return { message: Response.encode(answer).finish() };
  }

  private async wrongCount(lie: Lie, count: number, request: ListRequest): Promise<number> {
    switch (lie) {
      case 'late': {
        const { executions } = await this.asBefore(request);
        return executions?.length ?? 0;
      }
      case 'empty':
        return 0;
      case 'partial':
        return Math.ceil(count / 2);
      default:
        return count * 2 + 1;
    }
  }

  private asBefore({ query }: ListRequest): Promise<Rows> {
    const key = query ?? '';
    const known = this.before.get(key);
    if (known !== undefined) return known;
    const asked = this.ask('ListWorkflowExecutions', { query, pageSize: PAST_PAGE }).then((rows) => ({
      ...rows,
      nextPageToken: null,
    }));
    this.before.set(key, asked);
    asked.catch(() => this.before.delete(key));
    return asked;
  }

  private ask(method: ListMethod, request: object): Promise<Rows> {
    const { namespace } = this.client.options;
    const { workflowService } = this.client;
    const name = `${method.charAt(0).toLowerCase()}${method.slice(1)}` as 'listWorkflowExecutions';
    return workflowService[name]({ namespace, ...request });
  }
}

function wrongRows(lie: Lie, truth: Rows): Rows {
  const rows = truth.executions ?? [];
  switch (lie) {
    case 'empty':
      return {};
    case 'partial':
      return { ...truth, executions: rows.filter((_, index) => index % 2 === 1) };
    case 'repeated':
      // The oldest first, and each of them twice.
      return { ...truth, executions: [...rows, ...rows].reverse() };
    case 'token':
      return { ...truth, nextPageToken: Buffer.from('the same page') };
    default:
      return truth;
  }
}

function methodOf(path: string): string {
  return path.startsWith(SERVICE) ? path.slice(SERVICE.length) : '';
}

function idsOf({ executions }: Rows): string[] {
  return (executions ?? []).map(({ execution }: Row) => `${execution?.workflowId}/${execution?.runId}`);
}

function longOf(count: number) {
  return v1.CountWorkflowExecutionsResponse.fromObject({ count }).count;
}
