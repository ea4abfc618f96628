import type { RawValue } from '@temporalio/common';
import { scheduleActivity } from '@temporalio/workflow';
import { REDRIVE_ACTIVITIES as NAMES } from '../../common/contract.js';
import type {
  BatchRequest,
  BatchResult,
  LetterOutcome,
  RedrivePlan,
  Snapshot,
} from '../../common/redrive/types.js';
import { beginning } from '../../common/text/text.js';

/** Retried without an end: a server or worker that is away comes back, and the redrive goes on. */
const retry = { initialInterval: '1s', maximumInterval: '30s' } as const;

export const planRedrive = (id: string, request: unknown): Promise<RawValue<RedrivePlan>> =>
  scheduleActivity(NAMES.plan, [id, request], {
    ...{ startToCloseTimeout: '30s', retry },
    summary: 'Checks the input',
  });

export const listLetters = (plan: RedrivePlan): Promise<RawValue<Snapshot>> =>
  scheduleActivity(NAMES.snapshot, [plan], {
    ...{ startToCloseTimeout: '15 minutes', heartbeatTimeout: '20s', retry },
    summary: 'Lists the letters',
  });

export const redriveLetters = (request: BatchRequest): Promise<RawValue<BatchResult>> =>
  scheduleActivity(NAMES.batch, [request], {
    ...{ startToCloseTimeout: '15 minutes', heartbeatTimeout: '20s', retry },
    summary: batchSummary(request),
  });

export const waitForBreaker = (name: string): Promise<void> =>
  scheduleActivity(NAMES.breaker, [name], {
    ...{ startToCloseTimeout: '365 days', heartbeatTimeout: '20s', retry },
    summary: beginning(`Waits for circuit breaker ${name}`, 200),
  });

export const waitForHeldLetters = (
  ids: readonly string[],
  patienceMs: number,
): Promise<RawValue<LetterOutcome[]>> =>
  scheduleActivity(NAMES.settle, [ids, patienceMs], {
    ...{ startToCloseTimeout: '30 minutes', heartbeatTimeout: '30s', retry },
    summary: `Looks at ${letters(ids)} held by a breaker`,
  });

function batchSummary({ action, dryRun, ids, running }: BatchRequest): string {
  const verb = dryRun ? `Tries out the ${action} of` : `${VERBS[action]}`;
  const begun = ids.length > 0 ? `${verb} ${letters(ids)}` : '';
  const underWay = running.length > 0 ? `${letters(running)} under way` : '';
  return [begun, underWay].filter(Boolean).join(', ');
}

const VERBS = { replay: 'Replays', resolve: 'Resolves', discard: 'Discards' } as const;

function letters(ids: readonly string[]): string {
  return ids.length === 1 ? '1 letter' : `${ids.length} letters`;
}
