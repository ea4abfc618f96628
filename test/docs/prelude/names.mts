// Names that code blocks of the documentation use without declaring them: what a reader has in their own program.
// A block that declares one of them itself uses its own.
import type { Client } from '@temporalio/client';
import type { Worker as SdkWorker } from '@temporalio/worker';
import type * as plugin from 'temporal-recovery';
import type { ApiRequestActivity } from 'temporal-recovery/activity';
import type { DeadLetterHandle, RecoveryClient as Recovery } from 'temporal-recovery/client';
import type * as inWorkflows from 'temporal-recovery/workflow';

declare global {
  const Worker: typeof SdkWorker;
  const RecoveryPlugin: typeof plugin.RecoveryPlugin;
  const fromApiLinkerConfig: typeof plugin.fromApiLinkerConfig;
  const RecoveryClient: typeof Recovery;
  const proxyRecoverableActivities: typeof inWorkflows.proxyRecoverableActivities;

  const client: Client;
  const recovery: Recovery;
  const letter: DeadLetterHandle;
  const taskQueue: string;
  const activities: {
    getPrice(sku: string): Promise<number>;
  };
  const crm: ApiRequestActivity;

  const lastKnownPrice: (sku: string) => number;
  const fetchCustomer: (id: string) => Promise<{ name: string }>;
  const token: () => Promise<string>;
  const id: string;
  const chat: { post(text: string): Promise<void> };
  const z: typeof import('zod').z;
  const readFileSync: typeof import('node:fs').readFileSync;
}
