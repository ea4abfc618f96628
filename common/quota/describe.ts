import { oneLine } from '../text/text.js';
import { type Throttle, throttleOfAll } from './throttles.js';

/** One line for people: which quotas are used up, and when calls go on. Undefined without any. */
export function describeThrottles(list: readonly Throttle[]): string | undefined {
  const all = throttleOfAll(list);
  if (all !== undefined) return describeThrottle(all);
  const first = [...list].sort((a, b) => a.until - b.until)[0];
  if (first === undefined) return undefined;
  return list.length === 1
    ? describeThrottle(first)
    : `${list.length} quotas used up, the first calls go on at ${iso(first.until)}`;
}

/** One line for people: a quota that is used up. */
export function describeThrottle({ key, until, said, narrowed }: Omit<Throttle, 'since'>): string {
  const whose = key === '' ? 'quota' : `quota of "${key}"`;
  const scope = narrowed ? ' for some calls, while others succeed' : '';
  const parts = [`${whose} used up${scope}, goes on at ${iso(until)}`, said && `the service said: ${said}`];
  return oneLine(parts.filter(Boolean).join(' · '));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
