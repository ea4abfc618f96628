// Not run: compiled beside each version of the SDK, with the declarations of the packed package checked too.
import { Worker } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from 'temporal-recovery';
import { idempotencyKey, type OriginInfo } from 'temporal-recovery/activity';
import type * as apilinker from 'temporal-recovery/apilinker';
import type { DeadLetterSummary, RecoveryClient } from 'temporal-recovery/client';
import { deadLetterId, proxyRecoverableActivities } from 'temporal-recovery/workflow';

const options: RecoveryPluginOptions = { mode: 'observe' };
const { write } = proxyRecoverableActivities<{ write(text: string): Promise<number> }>({
  startToCloseTimeout: '1s',
  recovery: { onExhausted: 'park' },
});
export const written: Promise<number> = write('text');
export const id: string | undefined = deadLetterId(new Error());
export const key: () => string = idempotencyKey;
export const make = (): Promise<Worker> =>
  Worker.create({ taskQueue: 'x', plugins: [new RecoveryPlugin(options)] });
export type All = [typeof apilinker, DeadLetterSummary, RecoveryClient, OriginInfo];
