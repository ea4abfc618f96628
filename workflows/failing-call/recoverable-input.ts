import type { ActivityInput, LocalActivityInput } from '@temporalio/workflow';
import { workflowInfo } from '@temporalio/workflow';

/** A call of an activity, local or not. */
export type RecoverableInput = ActivityInput | LocalActivityInput;

export function isLocal(call: RecoverableInput): call is LocalActivityInput {
  return 'attempt' in call;
}

export function taskQueueOf(options: RecoverableInput['options']): string {
  const given = 'taskQueue' in options ? options.taskQueue : undefined;
  return given || workflowInfo().taskQueue;
}

/** The context that converters and codecs get with the data of a call. */
export function serializationContext(call: RecoverableInput) {
  const info = workflowInfo();
  const given = 'activityId' in call.options ? call.options.activityId : undefined;
  return {
    type: 'activity' as const,
    namespace: info.namespace,
    activityId: given ?? `${call.seq}`,
    workflowId: info.workflowId,
    isLocal: isLocal(call),
  };
}
