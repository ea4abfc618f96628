import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import type { ActivityOptions } from '@temporalio/workflow';
import type { RecoveryPluginOptions } from 'temporal-recovery';
import type { BreakerSnapshot } from 'temporal-recovery/client';
import { eventually, type Harness } from '../support/harness.js';

const workflowsPath = require.resolve('../never-worse/workflows.js');

export const HOLD = { minimumCalls: 6, then: 'hold' } as const;

export interface Call {
  readonly tenant: string;
  readonly isBad: boolean;
  readonly workflowId: string | undefined;
}

/** Workers whose activity rejects the records of some tenants, all in the same way. */
export function stageOf(h: Harness, name: string, options: RecoveryPluginOptions = {}) {
  const taskQueue = h.id(name);
  const breakerName = h.id(`${name}-api`);
  const queue = h.id(`${name}-letters`);
  const calls: Call[] = [];
  /** Tenants whose sender has renamed a field. */
  const bad = new Set<string>(['a']);
  let count = 0;
  const push = (tenant = 'a', more: ActivityOptions = {}) =>
    h.client.workflow.start('one', {
      ...{ workflowId: `${taskQueue}-${count++}`, taskQueue, args: ['push', more, tenant] },
    });
  const breaker = h.recovery.breakers.get(breakerName);
  return {
    ...{ taskQueue, breakerName, breaker, queue, calls, bad, push },
    start: async (more: Partial<WorkerOptions> = {}) =>
      h.startWorker({
        ...{ taskQueue, workflowsPath, ...more },
        activities: {
          async push(tenant: string) {
            calls.push({
              tenant,
              isBad: bad.has(tenant),
              workflowId: activityInfo().workflowExecution?.workflowId,
            });
            if (!bad.has(tenant)) return tenant;
            throw ApplicationFailure.nonRetryable(
              `field "email" of order ${calls.length} is missing`,
              'Invalid',
            );
          },
        },
        plugins: [h.plugin({ breaker: breakerName, queue, patience: undefined, flood: HOLD, ...options })],
      }),
    /** Records that fail, one after the other. */
    async fail(records: number, tenant = 'a') {
      for (let i = 0; i < records; i++) await (await push(tenant)).result().catch(() => undefined);
    },
    letters: () => h.recovery.deadLetters.list({ queue }),
    /** A call that is held, and what its pending activity says: those before it that were trials have ended. */
    async held(tenant = 'a', more: ActivityOptions = {}) {
      for (;;) {
        const handle = await push(tenant, more);
        const message = await eventually(async () => {
          const { status, raw } = await handle.describe();
          const said = raw.pendingActivities?.[0]?.lastFailure?.message ?? '';
          return said.startsWith('Flood of dead letters') ? said : status.name !== 'RUNNING' && 'ended';
        });
        if (message !== 'ended') return { handle, message };
      }
    },
    until: (condition: (snapshot: BreakerSnapshot) => boolean) =>
      eventually(async () => {
        const snapshot = await breaker.describe();
        return condition(snapshot) && snapshot;
      }),
    async page() {
      const { currentDetails = '' } = await h.client.workflow
        .getHandle(`circuit-breaker/${breakerName}`)
        .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
      return currentDetails;
    },
  };
}
