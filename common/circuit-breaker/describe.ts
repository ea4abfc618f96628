import { oneLine } from '../text/text.js';
import type { FailureSample, TransitionReason } from './state.js';

/** One line for people: why a breaker is in its state. */
export function describeReason(reason: TransitionReason): string {
  const parts = [cause(reason), sample(reason.sample)];
  if (reason.retryAfter !== undefined) parts.push(`the service asked to wait ${seconds(reason.retryAfter)}`);
  if (reason.by !== undefined) parts.push(`by ${reason.by}`);
  if (reason.why !== undefined) parts.push(`reason: ${reason.why}`);
  return oneLine(parts.filter(Boolean).join(' · '));
}

function cause(reason: TransitionReason): string {
  const { failures, calls, slowCalls, rate, successes } = reason;
  const share = rate === undefined ? '' : ` (${Math.round(rate * 100)} %)`;
  switch (reason.cause) {
    case 'consecutive-failures':
      return failures === 1 ? 'an execution failed' : `${failures} executions failed in a row`;
    case 'failure-rate':
      return `${failures} of ${calls} calls failed${share}`;
    case 'slow-call-rate':
      return `${slowCalls} of ${calls} calls were slow${share}`;
    case 'exhausted':
      return 'an execution used up its attempts, and nothing had succeeded since its first failure';
    case 'reported':
      return `several workers reported failures${failures === undefined ? '' : ` (${failures})`}`;
    case 'open-time-over':
      return 'the open time is over';
    case 'trial-failed':
      return 'a trial call failed';
    case 'trials-succeeded':
      if (reason.stillRunning) return 'a trial call has been running for longer than the failed calls took';
      return `${successes === 1 ? 'a trial call' : `${successes} trial calls`} succeeded`;
    case 'half-open-time-over':
      return 'the trials gave no result in time';
    case 'forced':
      return 'forced by hand';
    case 'override-expired':
      return 'the forced state has expired';
    case 'resumed':
      return 'held calls go on';
    case 'reset':
      return 'reset by hand';
  }
}

function sample(failure: FailureSample | undefined): string {
  if (failure === undefined) return '';
  const { category, statusCode, message } = failure;
  return ['last error:', category, statusCode, message].filter((part) => part !== undefined).join(' ');
}

export function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 6_000) / 10} min`;
}
