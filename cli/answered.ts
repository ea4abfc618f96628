import { GrpcStatus, grpcStatus } from '../client/server/grpc-status.js';
import { oneLine } from '../common/text/text.js';
import { CliError, ExitCode } from './exit-codes.js';
import type { Session } from './session.js';

/** The recovery worker answers queries and updates, and it did not. */
export class RecoveryWorkerError extends CliError {
  override readonly name = 'RecoveryWorkerError';
  constructor(taskQueue: string, cause?: unknown) {
    super(
      `No recovery worker answered on task queue "${oneLine(taskQueue)}". Workers with the plugin run one; so does: temporal-recovery worker --recovery-task-queue ${oneLine(taskQueue)}`,
      ExitCode.UNREACHABLE,
      { cause },
    );
  }
}

const LIMIT_MS = 15_000;

/**
 * What `call` asks of a recovery workflow, with a limit to the wait.
 * @throws RecoveryWorkerError
 */
export async function answered<T>(
  { client, recoveryTaskQueue }: Pick<Session, 'client' | 'recoveryTaskQueue'>,
  workflowId: string,
  call: () => Promise<T>,
  limitMs = LIMIT_MS,
): Promise<T> {
  try {
    return await client.connection.withDeadline(Date.now() + limitMs, call);
  } catch (error) {
    if (!isSilence(error)) throw error;
    // The workflow knows its own queue; the flag is for those that are to be started.
    const { taskQueue } = await client.workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => ({ taskQueue: recoveryTaskQueue }));
    throw new RecoveryWorkerError(taskQueue, error);
  }
}

function isSilence(error: unknown): boolean {
  const status = grpcStatus(error);
  // Which of the two it is depends on who noticed first that the time is over, client or server.
  if (status === GrpcStatus.DEADLINE_EXCEEDED || status === GrpcStatus.CANCELLED) return true;
  // "no poller seen for task queue recently"
  if (status === GrpcStatus.FAILED_PRECONDITION) return true;
  return error instanceof Error && error.name === 'WorkflowUpdateRPCTimeoutOrCancelledError';
}
