import { setTimeout as delay } from 'node:timers/promises';
import { NamespaceNotFoundError } from '@temporalio/common';
import { GrpcStatus, grpcStatus } from '../../client/server/grpc-status.js';

const AGAIN_MS = 200;

/** Statuses of a server that is away or has just come back; what it was asked may have been done or not. */
const AWAY: readonly (number | undefined)[] = [
  GrpcStatus.UNAVAILABLE,
  GrpcStatus.DEADLINE_EXCEEDED,
  GrpcStatus.CANCELLED,
  GrpcStatus.RESOURCE_EXHAUSTED,
  // The workflow task has just failed, on a worker of an older build.
  GrpcStatus.FAILED_PRECONDITION,
  // UNKNOWN, ABORTED, INTERNAL: the connection broke meanwhile, or the server was not ready.
  2,
  10,
  13,
];

/** Where something did not happen in time: a defect, or a limit that is too short. */
export class TooLate extends Error {}

/** Asks again while the server is away. @throws TooLate; other errors of `call` */
export async function persistently<T>(what: string, until: number, call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      // It has just started, and does not know its namespaces yet.
      const isAway = AWAY.includes(grpcStatus(error)) || error instanceof NamespaceNotFoundError;
      if (!isAway) throw error;
      if (Date.now() > until) throw new TooLate(`${what}: no answer: ${error}`, { cause: error });
    }
    await delay(AGAIN_MS);
  }
}

/** Asks again until the answer is something. @throws TooLate; errors of `call` but those of a server that is away */
export async function awaited<T>(
  what: string,
  until: number,
  call: () => Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const answer = await persistently(what, until, call);
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > until) throw new TooLate(`${what}: did not happen`);
    await delay(AGAIN_MS);
  }
}
