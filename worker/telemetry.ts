import type { Info } from '@temporalio/activity';
import { Runtime } from '@temporalio/worker';
import type { RecoveryTelemetry } from '../activities/telemetry.js';
import { defaultRedactor } from '../common/errors/index.js';
import type { ErrorAnalytics } from './error-analytics/error-analytics.js';
import { count, gauge } from './metrics.js';

/** Faults already logged: the first of a kind is a log line, all of them are counted. */
const logged = new Set<string>();
const MAX_LOGGED = 1_000;

/** Reports through the logger and the metrics of Temporal's runtime, tagged by activity type, category and queue. */
export function createTelemetry(mode: 'recover' | 'observe', analytics: ErrorAnalytics): WorkerTelemetry {
  const log = () => Runtime.instance().logger;
  return {
    attemptFailed({ activityType, attempt, workflowExecution }: Info, error, decision) {
      analytics.recordError(error);
      count('attempts_failed', {
        activityType,
        category: error.errorCategory,
        retry: String(decision.retry),
        mode,
      });
      if (mode === 'recover') return;
      log().info('temporal-recovery (observe): an attempt failed', {
        activityType,
        attempt,
        workflowId: workflowExecution?.workflowId,
        category: error.errorCategory,
        status: error.statusCode,
        wouldRetry: decision.retry,
        ...(decision.retry ? { wouldWaitMs: decision.delayMs } : { because: decision.because }),
      });
    },
    deadLettered({ id, activityType, category, queue }) {
      count('dead_letters', { activityType, category, queue });
      log().warn('temporal-recovery: an activity became a dead letter', {
        deadLetterId: id,
        activityType,
        category,
        queue,
      });
    },
    rejected({ activityType, workflowExecution }, breaker) {
      count('attempts_rejected', { activityType, mode });
      // The name until 0.5: dashboards and alarms use it.
      count('attempts_turned_away', { activityType, mode });
      if (mode === 'recover') return;
      log().info('temporal-recovery (observe): an open circuit breaker would have rejected an attempt', {
        activityType,
        breaker,
        workflowId: workflowExecution?.workflowId,
      });
    },
    throttled({ activityType }, waitMs) {
      count('throttled_milliseconds', { activityType, mode }, Math.max(0, Math.round(waitMs)));
    },
    flooded({ activityType }, flood, breaker) {
      const { state, operation, group, letters, calls } = flood;
      const action = state === 'held' ? 'hold' : 'alarm';
      count('floods_found', { activityType, action });
      log().warn('temporal-recovery: a flood of dead letters of one group', {
        ...{ activityType, operation, group, letters, calls, breaker, action },
      });
    },
    answered({ activityType, action, by, category }) {
      count('answered', { activityType, action, by, category });
      log().info(
        action === 'skip'
          ? 'temporal-recovery: a failed activity was skipped'
          : 'temporal-recovery: a fallback answered',
        { activityType, by, category },
      );
    },
    wouldDeadLetter({ activityType, workflowId, retryState }) {
      count('would_dead_letter', { activityType });
      log().info('temporal-recovery (observe): an activity would have become a dead letter', {
        activityType,
        workflowId,
        retryState,
      });
    },
    fault(where, error) {
      const message = defaultRedactor.text(error instanceof Error ? error.message : String(error));
      count('faults', { where });
      const key = `${where}: ${message}`;
      if (logged.has(key)) return;
      if (logged.size >= MAX_LOGGED) logged.clear();
      logged.add(key);
      log().error(`temporal-recovery: ${where} failed; the same fault is counted from now on, not logged`, {
        message,
      });
    },
    injected(activityType, kind) {
      count('injected_failures', { activityType, kind });
    },
    queueLetters(queue, letters) {
      gauge('queue_letters', letters, { queue });
    },
    openLetters(namespace, queue, letters, oldestSeconds) {
      gauge('open_letters', letters, { namespace, queue });
      gauge('oldest_letter_seconds', oldestSeconds, { namespace, queue });
    },
    breakerState(namespace, breaker, state, isCurrent) {
      gauge('breaker_state', isCurrent ? 1 : 0, { namespace, breaker, state });
    },
    breakerFloods(namespace, breaker, state, floods) {
      gauge('breaker_floods', floods, { namespace, breaker, state });
    },
    trialEnded(breaker, outcome) {
      count('breaker_trials', { breaker, outcome });
    },
    alertsDelivered(kind, delivered) {
      count('alerts_delivered', { kind }, delivered);
    },
    warn(message, attributes) {
      log().warn(`temporal-recovery: ${message}`, attributes);
    },
  };
}

export interface WorkerTelemetry extends RecoveryTelemetry {
  /** Open letters of a queue that has a limit. */
  queueLetters(queue: string, letters: number): void;
  /** The option `chaos` failed an attempt. */
  injected(activityType: string, kind: string): void;
  /** Open letters of the fleet in a queue, and the age of the oldest. */
  openLetters(namespace: string, queue: string, letters: number, oldestSeconds: number): void;
  /** A state that a circuit breaker has, or has no longer. */
  breakerState(namespace: string, breaker: string, state: string, isCurrent: boolean): void;
  /** Operations behind a circuit breaker whose calls end as letters of one group. */
  breakerFloods(namespace: string, breaker: string, state: string, floods: number): void;
  /** Hooks have received events. */
  alertsDelivered(kind: string, count: number): void;
  /** A trial call has ended. */
  trialEnded(breaker: string, outcome: string): void;
  warn(message: string, attributes?: Record<string, unknown>): void;
}
