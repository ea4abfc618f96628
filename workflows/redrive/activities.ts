import { scheduleActivity } from '@temporalio/workflow';
import { REDRIVE_ACTIVITIES as NAMES } from '../../common/contract.js';
import type {
  BatchRequest,
  BatchResult,
  LetterOutcome,
  RedrivePlan,
  Snapshot,
} from '../../common/redrive/types.js';

/** Retried without an end: a server or worker that is away comes back, and the redrive goes on. */
const retry = { initialInterval: '1s', maximumInterval: '30s' } as const;

export const planRedrive = (id: string, request: unknown): Promise<RedrivePlan> =>
  scheduleActivity(NAMES.plan, [id, request], {
    ...{ startToCloseTimeout: '30s', retry },
    summary: 'Checks what is asked for',
  });

export const listLetters = (plan: RedrivePlan): Promise<Snapshot> =>
  scheduleActivity(NAMES.snapshot, [plan], {
    ...{ startToCloseTimeout: '15 minutes', heartbeatTimeout: '2 minutes', retry },
    summary: 'Lists the letters',
  });

export const redriveLetters = (request: BatchRequest): Promise<BatchResult> =>
  scheduleActivity(NAMES.batch, [request], {
    ...{ startToCloseTimeout: '15 minutes', heartbeatTimeout: '20s', retry },
    summary: `${request.ids.length} letters${request.running.length > 0 ? `, ${request.running.length} under way` : ''}`,
  });

export const waitForBreaker = (name: string): Promise<void> =>
  scheduleActivity(NAMES.breaker, [name], {
    ...{ startToCloseTimeout: '365 days', heartbeatTimeout: '20s', retry },
    summary: `Waits for circuit breaker ${name}`.slice(0, 200),
  });

export const waitForHeldLetters = (ids: readonly string[], patienceMs: number): Promise<LetterOutcome[]> =>
  scheduleActivity(NAMES.settle, [ids, patienceMs], {
    ...{ startToCloseTimeout: '30 minutes', heartbeatTimeout: '30s', retry },
    summary: `Looks at ${ids.length} letters that were held`,
  });
