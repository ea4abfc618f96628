import type { Transition } from '../circuit-breaker/index.js';
import { describeReason } from '../circuit-breaker/index.js';
import { beginning } from '../text/text.js';
import type { BreakerAlert } from './alert-event.js';

/** A circuit breaker, as a look at it finds it. */
export interface SeenBreaker {
  readonly name: string;
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
  const { status, epoch, since, why, transitions } = breaker;
  if (after === undefined || transitions === undefined) {
    const change = changeTo(undefined, status);
    const isNews = change !== undefined && (change !== 'closed' || (after !== undefined && epoch > 0));
    const at = transitions?.at(-1)?.at ?? since;
    return isNews ? [alertOf(breaker, change, { at, epoch, status, why })] : [];
  }
  return transitions.flatMap(({ from, to, at, epoch, reason }) => {
    const change = at > after ? changeTo(from, to) : undefined;
    return change === undefined
      ? []
      : [alertOf(breaker, change, { at, epoch, status: to, why: describeReason(reason) })];
  });
}

/** Calls wait because a quota of the service is used up. */
export function throttledAlert(breaker: SeenBreaker): BreakerAlert {
  const { since: at, epoch, why } = breaker;
  return alertOf(breaker, 'throttled', { at, epoch, status: 'THROTTLED', why });
}

/** The quota is free again, or its time is over. */
export function unthrottledAlert(breaker: SeenBreaker): BreakerAlert {
  const { since: at, epoch, status } = breaker;
  return alertOf(breaker, 'unthrottled', { at, epoch, status });
}

function alertOf(
  { name, workflowId }: SeenBreaker,
  change: BreakerAlert['change'],
  {
    at,
    epoch,
    status,
    why,
  }: { readonly at: number; readonly epoch: number; readonly status: string; readonly why?: string },
): BreakerAlert {
  return {
    ...{ kind: 'breaker', change, breaker: name, status, workflowId },
    // Several transitions may have one time.
    id: beginning(`breaker/${at}/${epoch}/${change}/${name}`, 500),
    at: new Date(at).toISOString(),
    ...(why === undefined ? {} : { why }),
  };
}

function changeTo(from: string | undefined, to: string): BreakerAlert['change'] | undefined {
  if (SET_BY_HAND.includes(to)) return 'forced';
  if (to === 'CLOSED') return 'closed';
  if (to === 'OPEN') return from === 'HALF_OPEN' ? undefined : 'opened';
  // At a first look a breaker may be between two trials.
  return from === undefined && to === 'HALF_OPEN' ? 'opened' : undefined;
}
