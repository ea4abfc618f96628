import type { Info } from '@temporalio/activity';

/** Namespace of an activity. Before SDK 1.17 only that of its workflow is known, which is the same. */
export function namespaceOf({ namespace, workflowNamespace }: Info): string {
  return (namespace as string | undefined) ?? workflowNamespace ?? '';
}
