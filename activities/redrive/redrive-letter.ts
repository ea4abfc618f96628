import type { Context } from '@temporalio/activity';
import { DeadLetterHandle } from '../../client/dead-letter/handle.js';
import { GrpcStatus, grpcStatus } from '../../client/server/grpc-status.js';
import { NoAnswerError, withLimit } from '../../client/server/with-limit.js';
import type { RequestOutcome } from '../../common/dead-letter/record.js';
import type { BatchRequest, LetterOutcome, TransformPreview } from '../../common/redrive/types.js';

/** What a letter answered to a redrive. */
export type LetterAnswer = { readonly breaker?: string } & (
  | { readonly is: 'running' }
  /** `isHeld`: it replays by itself, and its outcome is read later. */
  | { readonly is: 'done'; readonly outcome: LetterOutcome; readonly isHeld?: boolean }
  | { readonly is: 'as it was' }
  | { readonly is: 'preview'; readonly preview: TransformPreview }
);

const REFUSED: readonly (number | undefined)[] = [GrpcStatus.INVALID_ARGUMENT, GrpcStatus.RESOURCE_EXHAUSTED];

/**
 * Asks a letter to do what the redrive is for. A letter that was asked before, by this redrive, is not asked twice: it
 * answers with its outcome.
 * @throws where the server cannot be asked
 */
export async function redriveLetter(
  { client, cancellationSignal }: Pick<Context, 'client' | 'cancellationSignal'>,
  id: string,
  request: BatchRequest,
): Promise<LetterAnswer> {
  const letter = new DeadLetterHandle(client, id);
  const limit = { limitMs: request.patienceMs, signals: [cancellationSignal] };
  try {
    return await withLimit(client, limit, () => answer(letter, request));
  } catch (error) {
    if (error instanceof NoAnswerError && !cancellationSignal.aborted) return { is: 'running' };
    // A letter whose replay is long under way may take no more requests (2,000 in a run): it is looked at again.
    if (request.running.includes(id) && REFUSED.includes(grpcStatus(error))) return { is: 'running' };
    const name = error instanceof Error ? error.name : '';
    if (name !== 'DeadLetterNotFoundError' && name !== 'InvalidRequestError') throw error;
    return { is: 'done', outcome: { id, outcome: 'SKIPPED', message: (error as Error).message } };
  }
}

async function answer(letter: DeadLetterHandle, request: BatchRequest): Promise<LetterAnswer> {
  try {
    return answerOf(letter.id, await ask(letter, request));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'DeadLetterClosedError') throw error;
    return closed(letter, request);
  }
}

function ask(letter: DeadLetterHandle, request: BatchRequest): Promise<RequestOutcome> {
  const {
    redriveId,
    requestId = redriveId,
    action,
    by,
    transform,
    force,
    dryRun,
    result,
    skipOrigins,
  } = request;
  const reason = [request.reason, redriveId].filter(Boolean).join(' · ');
  const common = { by, reason, requestId };
  switch (action) {
    case 'replay':
      return letter.replay({ ...common, transform, dryRun, skipOrigins, ...(force ? { force } : {}) });
    case 'resolve':
      return letter.resolve({ ...common, result });
    case 'discard':
      return letter.discard(common);
  }
}

function answerOf(id: string, given: RequestOutcome): LetterAnswer {
  const { outcome, status, message, breaker, before, after, origin } = given;
  switch (outcome) {
    case 'RUNNING':
      return { is: 'running' };
    case 'PREVIEW':
      return { is: 'preview', preview: { id, before, after, origin } };
    case 'SKIPPED':
      if (before !== undefined) return { is: 'preview', preview: { id, before, message, origin } };
      break;
    case 'HELD':
      // Rejected with edited arguments: it waits as before and must be asked again.
      if (breaker !== undefined && status === 'WAITING') return { is: 'as it was', breaker };
  }
  return { is: 'done', outcome: { id, outcome, message, origin }, breaker, isHeld: outcome === 'HELD' };
}

/** It may have been this redrive that closed it, before a worker died. */
async function closed(
  letter: DeadLetterHandle,
  { redriveId, requestId = redriveId }: BatchRequest,
): Promise<LetterAnswer> {
  const { id } = letter;
  const { status, endedBy, story, origin } = await letter.state();
  if (endedBy === requestId && (status === 'REPLAYED' || status === 'RESOLVED' || status === 'DISCARDED')) {
    return { is: 'done', outcome: { id, outcome: status, origin: origin?.status } };
  }
  const by = story.at(-1)?.by;
  const message = `The letter was ${status} already${by === undefined ? '' : `, by ${by}`}`;
  return { is: 'done', outcome: { id, outcome: 'SKIPPED', message } };
}
