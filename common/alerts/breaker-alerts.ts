import type { Transition } from '../circuit-breaker/index.js';
import { describeReason } from '../circuit-breaker/index.js';
import type { BreakerAlert } from './alert-event.js';

/** A circuit breaker, as a look at it finds it. */
export interface SeenBreaker {
  readonly name: string;
  /** Tells it from one with the same name that ended before. */
  readonly firstRunId: string;
  readonly status: string;
  readonly epoch: number;
  /** Since when it has its state; milliseconds since the epoch. */
  readonly since: number;
  readonly why?: string;
  readonly workflowId: string;
  /** Its last transitions, oldest first; undefined where it did not answer. */
  readonly transitions?: readonly Pick<Transition, 'from' | 'to' | 'at' | 'epoch' | 'reason'>[];
}

const SET_BY_HAND: readonly string[] = ['FORCED_OPEN', 'DISABLED', 'METRICS_ONLY'];

/**
 * What people want to know of a breaker: it has opened, closed, or was set by hand. A trial that fails is no news.
 * @param after milliseconds since the epoch; undefined at the first look, which says only what is wrong now
 */
export function breakerAlerts(breaker: SeenBreaker, after: number | undefined): BreakerAlert[] {
  const { name, firstRunId, workflowId, status, epoch, since, why, transitions } = breaker;
  const event = (
    change: BreakerAlert['change'],
    facts: { at: number; epoch: number; status: string; why?: string },
  ) => ({
    ...{ kind: 'breaker' as const, change, breaker: name, workflowId },
    id: `breaker/${firstRunId.slice(0, 8)}/${facts.epoch}/${name}`.slice(0, 500),
    at: new Date(facts.at).toISOString(),
    status: facts.status,
    ...(facts.why === undefined ? {} : { why: facts.why }),
  });
  if (after === undefined || transitions === undefined) {
    const change = changeTo(undefined, status);
    const isNews = change !== undefined && (change !== 'closed' || (after !== undefined && epoch > 0));
    return isNews ? [event(change, { at: since, epoch, status, why })] : [];
  }
  return transitions.flatMap(({ from, to, at, epoch, reason }) => {
    const change = at > after ? changeTo(from, to) : undefined;
    return change === undefined
      ? []
      : [event(change, { at, epoch, status: to, why: describeReason(reason) })];
  });
}

function changeTo(from: string | undefined, to: string): BreakerAlert['change'] | undefined {
  if (SET_BY_HAND.includes(to)) return 'forced';
  if (to === 'CLOSED') return 'closed';
  if (to === 'OPEN') return from === 'HALF_OPEN' ? undefined : 'opened';
  // At a first look a breaker may be between two trials.
  return from === undefined && to === 'HALF_OPEN' ? 'opened' : undefined;
}

/** Calls wait because a quota of the service is used up. */
export function throttledAlert({ name, firstRunId, workflowId, since, why }: SeenBreaker): BreakerAlert {
  return {
    ...{ kind: 'breaker', change: 'throttled', breaker: name, status: 'THROTTLED', workflowId },
    id: `breaker/${firstRunId.slice(0, 8)}/throttled/${since}/${name}`.slice(0, 500),
    at: new Date(since).toISOString(),
    ...(why === undefined ? {} : { why }),
  };
}
