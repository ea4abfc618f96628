import type { WorkflowInterceptors } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';
import { isReadable } from '../../common/payload/encoding.js';

/**
 * Bundled as an interceptor module of the recovery workflows. The SDK reads the memo before a workflow begins, and one
 * that no codec could read fails every workflow task. No workflow of ours looks at its memo, so what cannot be read is
 * left out there. The memo at the server stays as it is.
 */
export function interceptors(): WorkflowInterceptors {
  const activator = getActivator();
  const { initializeWorkflow } = activator;
  activator.initializeWorkflow = (job) => {
    const fields = Object.entries(job.memo?.fields ?? {}).filter(([, payload]) => isReadable(payload));
    initializeWorkflow.call(activator, { ...job, memo: { fields: Object.fromEntries(fields) } });
  };
  return {};
}
