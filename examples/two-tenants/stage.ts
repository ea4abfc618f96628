import type { Client, WorkflowHandle } from '@temporalio/client';
import type { RecoveryClient } from 'temporal-recovery/client';
import type { Api, PushedRecord } from './records.js';
import type { Call, Service } from './service.js';
import type { push } from './workflows.js';

/** What a scene plays with. */
export interface Stage {
  readonly service: Service;
  readonly client: Client;
  readonly recovery: RecoveryClient;
  /** Task queue, dead-letter queue and prefix of the breakers. */
  readonly run: string;
  readonly workers: number;
  readonly log: (line: string) => void;
}

/** A figure of the report, and whether it is what was promised. */
export interface Figure {
  readonly label: string;
  readonly value: number | string;
  readonly isKept: boolean;
}

export type PushHandle = WorkflowHandle<typeof push>;

let started = 0;

/** Starts a workflow that pushes records. */
export function startPush(
  { client, run }: Stage,
  api: Api,
  records: readonly PushedRecord[],
): Promise<PushHandle> {
  return client.workflow.start<typeof push>('push', {
    taskQueue: run,
    workflowId: `${run}/${api}-${++started}`,
    args: [{ api, records }],
  });
}

export function callsOf(service: Service, api: Api): readonly Call[] {
  return service.calls.filter((call) => call.api === api);
}

export function withStatus(calls: readonly Call[], status: number): readonly Call[] {
  return calls.filter((call) => call.status === status);
}

/** Records, not calls: one that was written twice counts once. */
export function writtenCount(calls: readonly Call[]): number {
  return new Set(withStatus(calls, 200).map(({ id }) => id)).size;
}

export function longestWaitMs(calls: readonly Call[]): number {
  return Math.max(0, ...calls.map(({ waitedMs }) => waitedMs));
}
