import { ActivityFailure, type TemporalFailure } from '@temporalio/common';
import { proxySinks, type Sinks } from '@temporalio/workflow';
import type { RecoverableInput } from './recoverable-input.js';

/** Tells the worker what would have become a dead letter; writes nothing to history. */
export interface ObserverSinks extends Sinks {
  temporalRecovery: {
    wouldDeadLetter(failure: { activityType: string; message: string; retryState: string }): void;
  };
}

export function observeFailure(error: TemporalFailure, call: RecoverableInput): void {
  const { temporalRecovery } = proxySinks<ObserverSinks>();
  temporalRecovery.wouldDeadLetter({
    activityType: call.activityType,
    message: error.cause?.message ?? error.message,
    retryState: String(error instanceof ActivityFailure ? error.retryState : undefined),
  });
}
