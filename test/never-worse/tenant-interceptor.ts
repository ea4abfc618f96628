import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';

/** Each call has its own tenant in a header, as a team's interceptor would set it. */
export function interceptors(): WorkflowInterceptors {
  return {
    outbound: [
      {
        scheduleActivity(input, next) {
          const tenant = `tenant-${Number(input.args[0]) % 3}`;
          return next({
            ...input,
            headers: { ...input.headers, tenant: defaultPayloadConverter.toPayload(tenant) },
          });
        },
      },
    ],
  };
}
