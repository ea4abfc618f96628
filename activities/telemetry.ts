import type { Info } from '@temporalio/activity';
import type { ApiLinkerError } from '../common/errors/index.js';
import type { AnsweredCall } from '../common/failing-call/failure-description.js';
import type { Flood } from '../common/flood/floods.js';
import type { RetryDecision } from '../common/strategies/index.js';

/** Log and metrics of the worker. Secrets and arguments never go here. */
export interface RecoveryTelemetry {
  attemptFailed(info: Info, error: ApiLinkerError, decision: RetryDecision): void;
  deadLettered(letter: { id: string; activityType: string; category: string; queue: string }): void;
  /** An open circuit breaker rejected an attempt, or a quota is used up; in `observe`, it would have. */
  rejected(info: Info, breaker: string): void;
  /** A call waits this number of milliseconds because a quota of the service is used up. */
  throttled(info: Info, waitMs: number): void;
  /** Many calls have ended as letters of one group; further ones are held, or not. */
  flooded(info: Info, flood: Flood, breaker: string): void;
  /** A failed call was answered by its fallback, or skipped. */
  answered(call: AnsweredCall): void;
  /** In `observe`: the call would have become a dead letter. */
  wouldDeadLetter(failure: { activityType: string; workflowId: string; retryState: string }): void;
  /** A fault of ours. Counted every time, logged once per place and message. */
  fault(where: string, error: unknown): void;
}
