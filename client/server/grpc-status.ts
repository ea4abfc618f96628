import { WorkflowNotFoundError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';

/** The status codes of gRPC that are looked at. */
export const GrpcStatus = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** The status of an error or of one of its causes. */
export function grpcStatus(error: unknown): number | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, details } = at as { code?: unknown; details?: unknown };
    if (typeof code === 'number' && details !== undefined) return code;
  }
  return undefined;
}

/**
 * There is no such workflow, as any call of the client may say it. A server that has just started may not know its
 * namespaces for a moment: that says nothing about the workflow.
 */
export function isNotFound(error: unknown): boolean {
  const says = error instanceof WorkflowNotFoundError || grpcStatus(error) === GrpcStatus.NOT_FOUND;
  return says && !isAboutNamespace(error);
}

/** The connection of a worker gives the words of the server, and not the type of its error. */
function isAboutNamespace(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof NamespaceNotFoundError || NO_NAMESPACE.test(at.message)) return true;
  }
  return false;
}

const NO_NAMESPACE = /^(?:5 NOT_FOUND: )?Namespace \S+ is not found/;
