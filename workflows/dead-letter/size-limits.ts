import type { Payload } from '@temporalio/common';
import { patched, workflowInfo } from '@temporalio/workflow';
import { MAX_INPUT_BYTES, megabytes, payloadBytes } from '../../common/payload/payload-size.js';

/**
 * The server ends a workflow whose history has 51,200 events or 50 MB, or that schedules an activity with more than 2 MiB
 * of input. For a letter that would be the end of the work it keeps, so it stops before.
 */
const MAX_EVENTS = 40_000;
/** Leaves room for what a replay adds: the arguments twice where its breaker holds it, and the result. */
const MAX_HISTORY_BYTES = 40_000_000;
/** From here on a letter that waits for its breaker goes on in a new run, and waits there. */
const LARGE_HISTORY_BYTES = 20_000_000;

/** Patch: a letter counts the bytes of its history, and those of new arguments. */
const COUNTS_BYTES = 'temporal-recovery/counts-bytes';

/** Why a letter cannot be replayed any more; undefined while it can. */
export function historyProblem(): string | undefined {
  const { historyLength, historySize } = workflowInfo();
  const isLarge = historySize > MAX_HISTORY_BYTES && patched(COUNTS_BYTES);
  if (historyLength <= MAX_EVENTS && !isLarge) return undefined;
  const size = isLarge ? megabytes(historySize) : `${historyLength} events`;
  return `Too many replays for arguments of this size: the history of the letter has ${size}, and the server ends it soon after. Start the work again in a new workflow and resolve this letter`;
}

/** Why a replay cannot have such arguments; undefined where it can. Those the call had were accepted once. */
export function argumentsProblem(made: readonly Payload[], original: readonly Payload[]): string | undefined {
  const bytes = payloadBytes(made);
  if (bytes <= Math.max(MAX_INPUT_BYTES, payloadBytes(original)) || !patched(COUNTS_BYTES)) return undefined;
  return `The arguments would have ${megabytes(bytes)}, and an activity takes ${megabytes(MAX_INPUT_BYTES)}; send less, such as a reference to the data`;
}

/** Why the origin cannot be given such a result; undefined where it can. */
export function resultProblem(result: Payload): string | undefined {
  const bytes = payloadBytes([result]);
  if (bytes <= MAX_INPUT_BYTES) return undefined;
  return `The result has ${megabytes(bytes)}, and the workflow that waits takes ${megabytes(MAX_INPUT_BYTES)}; send less, such as a reference to the data`;
}

/** Whether a letter that is held should not stay in this run. */
export function isHistoryLarge(): boolean {
  return workflowInfo().historySize > LARGE_HISTORY_BYTES && patched(COUNTS_BYTES);
}
