import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RedriveRequest } from '../../client/redrive/request.js';
import {
  type BreakerConfig,
  type BreakerInput,
  type BreakerMemo,
  type BreakerOrder,
  type BreakerReport,
  type BreakerSnapshot,
  CircuitBreakerState,
  type ResumeOrder,
  type TrialAnswer,
  type TrialRequest,
} from '../../common/circuit-breaker/index.js';
import type {
  DeadLetterNotice,
  DeadLetterRecord,
  DeadLetterState,
  Origin,
  RequestOutcome,
} from '../../common/dead-letter/record.js';
import type { DiscardRequest, ReplayRequest, ResolveRequest } from '../../common/dead-letter/requests.js';
import type { ErrorJson } from '../../common/errors/index.js';
import type { CallHeader } from '../../common/failing-call/call-header.js';
import type { FailureDetail } from '../../common/failing-call/failure-detail.js';
import { type RedriveProgress, type RedriveReport, RedriveStatus } from '../../common/redrive/types.js';
import { schemaOf } from './schemas.js';

/** The compiler requires each field of the type, and rejects any other. */
function fieldsOf<T>(fields: { readonly [K in keyof Required<T>]: true }): string[] {
  return Object.keys(fields).sort();
}

const yes = true as const;
const OVERVIEW = {
  ...{ replayed: yes, resolved: yes, discarded: yes, failed: yes, skipped: yes, held: yes },
  ...{ status: yes, action: yes, dryRun: yes, total: yes, truncated: yes, startedAt: yes, why: yes },
  ...{ by: yes, reason: yes, groups: yes, origins: yes, skipOrigins: yes },
};

const MESSAGES: Readonly<Record<string, string[]>> = {
  'dead-letter-record': fieldsOf<DeadLetterRecord>({
    ...{ summary: yes, help: yes, version: yes, id: yes, createdAt: yes, queue: yes, operation: yes },
    ...{
      group: yes,
      hasGroup: yes,
      activityType: yes,
      origin: yes,
      call: yes,
      error: yes,
      fallbackError: yes,
    },
    ...{
      metadata: yes,
      tags: yes,
      recordKey: yes,
      retryState: yes,
      attemptCount: yes,
      attempts: yes,
      scheduledAt: yes,
    },
    ...{ argumentCount: yes, headers: yes, searchAttributes: yes, replay: yes, held: yes },
    breaker: yes,
    ...{ autoRelease: yes, parked: yes, retentionMs: yes, autoReplay: yes, onDeadLetter: yes },
    ...{ showArguments: yes, redact: yes, secretNames: yes, redactPersonalData: yes },
  }),
  'replay-request': fieldsOf<ReplayRequest>({
    ...{ args: yes, transform: yes, dryRun: yes, by: yes, reason: yes, force: yes },
    ...{ requestId: yes, skipOrigins: yes },
  }),
  'resolve-request': fieldsOf<ResolveRequest>({ result: yes, by: yes, reason: yes, requestId: yes }),
  'discard-request': fieldsOf<DiscardRequest>({ by: yes, reason: yes, requestId: yes }),
  'request-outcome': fieldsOf<RequestOutcome>({
    ...{ outcome: yes, status: yes, message: yes, breaker: yes, origin: yes, before: yes, after: yes },
  }),
  'dead-letter-state': fieldsOf<DeadLetterState>({
    ...{
      status: yes,
      record: yes,
      story: yes,
      replays: yes,
      supersededBy: yes,
      failures: yes,
      endedBy: yes,
      breaker: yes,
      origin: yes,
    },
  }),
  'dead-letter-notice': fieldsOf<DeadLetterNotice>({
    ...{ id: yes, status: yes, createdAt: yes, queue: yes, operation: yes, activityType: yes },
    ...{ group: yes, error: yes, attemptCount: yes, origin: yes, metadata: yes },
  }),
  'breaker-input': fieldsOf<BreakerInput>({
    ...{ v: yes, name: yes, config: yes, configuredAt: yes, state: yes, transitions: yes, workers: yes },
    ...{
      conflictAt: yes,
      searchAttributes: yes,
      permanent: yes,
      idleMs: yes,
      throttles: yes,
      floods: yes,
      running: yes,
    },
  }),
  'breaker-report': fieldsOf<BreakerReport>({
    ...{ v: yes, worker: yes, sequence: yes, epoch: yes, entity: yes, results: yes, trip: yes },
    ...{ config: yes, configuredAt: yes, throttles: yes, floods: yes },
  }),
  'breaker-order': fieldsOf<BreakerOrder>({ by: yes, reason: yes, expiresIn: yes }),
  'breaker-resume': fieldsOf<ResumeOrder>({
    ...{ operation: yes, quotaKey: yes, by: yes, reason: yes, expiresIn: yes },
  }),
  'breaker-reset': fieldsOf<Omit<BreakerOrder, 'expiresIn'>>({ by: yes, reason: yes }),
  'trial-request': fieldsOf<TrialRequest>({ v: yes, worker: yes, execution: yes, leaseMs: yes }),
  'trial-answer': fieldsOf<TrialAnswer>({ status: yes, epoch: yes, trial: yes, retryInMs: yes }),
  'breaker-memo': fieldsOf<BreakerMemo>({
    ...{ v: yes, name: yes, status: yes, epoch: yes, changesInMs: yes, why: yes, cause: yes, workers: yes },
    throttles: yes,
    floods: yes,
    judgesRunning: yes,
  }),
  'breaker-state': fieldsOf<BreakerSnapshot>({
    ...{ name: yes, status: yes, epoch: yes, since: yes, changesAt: yes, why: yes, failuresInARow: yes },
    ...{ config: yes, conflictAt: yes, workers: yes, throttles: yes, floods: yes, transitions: yes },
  }),
  'redrive-request': fieldsOf<RedriveRequest>({
    ...{ action: yes, filter: yes, query: yes, ids: yes, limit: yes, dryRun: yes, rate: yes },
    ...{ concurrency: yes, canary: yes, maxFailureShare: yes, transform: yes, force: yes },
    ...{ skipOrigins: yes, result: yes, by: yes, reason: yes },
  }),
  'redrive-progress': fieldsOf<RedriveProgress>({
    ...OVERVIEW,
    ...{ done: yes, running: yes, rate: yes, actualRate: yes, timeLeftMs: yes, problems: yes },
  }),
  'redrive-report': fieldsOf<RedriveReport>({
    ...OVERVIEW,
    ...{ untouched: yes, endedAt: yes, outcomes: yes, previews: yes },
  }),
  'call-header': fieldsOf<CallHeader>({
    ...{ v: yes, ownIntervals: yes, maximumAttempts: yes, recovery: yes, origin: yes },
    ...{ deadLetterId: yes, breaker: yes, asked: yes, readsHandled: yes },
  }),
  'failure-detail': fieldsOf<FailureDetail>({
    ...{ v: yes, error: yes, attempts: yes, history: yes, scheduledAt: yes, limited: yes, held: yes },
    ...{ build: yes, breaker: yes, handled: yes },
  }),
};

const DEFINITIONS: Readonly<Record<string, string[]>> = {
  error: fieldsOf<ErrorJson>({
    ...{ message: yes, errorCategory: yes, statusCode: yes, responseBody: yes, requestUrl: yes },
    ...{ requestMethod: yes, timestamp: yes, operationId: yes, correlationId: yes },
    ...{ additionalContext: yes, errorType: yes, stack: yes },
  }),
  origin: fieldsOf<Origin>({
    ...{ namespace: yes, workflowId: yes, runId: yes, workflowType: yes, activityId: yes },
    ...{ scheduledEventId: yes },
  }),
  breakerConfig: fieldsOf<BreakerConfig>({
    ...{ consecutiveFailures: yes, failureRate: yes, slowCallRate: yes, window: yes, halfOpen: yes },
    ...{ openTime: yes, retryAfterCap: yes, countedCategories: yes, minimumReporters: yes },
  }),
};

describe('fields of schemas and types', () => {
  for (const [message, fields] of Object.entries(MESSAGES)) {
    test(`the schema of ${message} has the fields of its type`, () => {
      assert.deepEqual(Object.keys(schemaOf(message).properties ?? {}).sort(), fields);
    });
  }

  for (const [name, fields] of Object.entries(DEFINITIONS)) {
    test(`the definition ${name} has the fields of its type`, () => {
      assert.deepEqual(Object.keys(schemaOf('definitions').$defs?.[name]?.properties ?? {}).sort(), fields);
    });
  }

  test('the statuses of redrives and circuit breakers are complete', () => {
    const { properties } = schemaOf('redrive-progress') as { properties?: { status?: { enum?: unknown } } };
    assert.deepEqual(properties?.status?.enum, Object.values(RedriveStatus));
    const { $defs } = schemaOf('definitions') as { $defs?: { breakerStatus?: { enum?: unknown } } };
    assert.deepEqual($defs?.breakerStatus?.enum, Object.values(CircuitBreakerState));
  });
});
