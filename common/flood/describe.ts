import { oneLine } from '../text/text.js';
import type { Flood, FloodCause, FloodKey, Resumption } from './floods.js';

/** Whose calls: `"crm.push" for "tenant-7"`. */
export function describeFloodKey({ operation, quotaKey }: FloodKey): string {
  return `"${operation}"${quotaKey === undefined ? '' : ` for "${quotaKey}"`}`;
}

/** Whose calls a person lets go on. */
export function describeResumption({ operation, quotaKey }: Resumption): string {
  if (operation !== undefined) return `calls of ${describeFloodKey({ operation, quotaKey })}`;
  return quotaKey === undefined ? 'all held calls' : `held calls for "${quotaKey}"`;
}

/** What was found: `52 of 60 calls ended as dead letters of group 2x7 (VALIDATION 422 …)`. */
export function describeCause({ letters, calls, group, said }: FloodCause): string {
  const words = said === undefined ? '' : ` (${said})`;
  return `${letters} of ${calls} calls ended as dead letters of group ${group}${words}`;
}

/** One line for people. */
export function describeFlood(flood: Flood): string {
  const { state, since, until } = flood;
  const whose = describeFloodKey(flood);
  const cause = describeCause(flood);
  switch (state) {
    case 'held':
      return oneLine(
        `calls of ${whose} are held since ${iso(since)}: ${cause} · now and then one is tried, and its success lets all go on · ends at ${iso(until)} at the latest`,
      );
    case 'alarm':
      return oneLine(`flood of dead letters, calls of ${whose} go on: ${cause}, first at ${iso(since)}`);
    case 'resumed':
      return oneLine(`calls of ${whose} go on until ${iso(until)}, whatever fails: resumed by hand`);
  }
}

/** One line for people: the floods of a circuit breaker, those that hold calls first. Undefined without any. */
export function describeFloods(list: readonly Flood[]): string | undefined {
  const held = list.filter(({ state }) => state === 'held');
  const first = held[0] ?? list.find(({ state }) => state === 'alarm') ?? list[0];
  if (first === undefined) return undefined;
  const more = held.length > 1 ? ` · and calls of ${held.length - 1} more are held` : '';
  return describeFlood(first) + more;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
