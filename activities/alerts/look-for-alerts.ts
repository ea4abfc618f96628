import { Context } from '@temporalio/activity';
import { changedBreakers } from '../../client/circuit-breaker/changed-breakers.js';
import type { OpenLetterSurvey, OpenLetters } from '../../client/dead-letter/open-letters.js';
import { hasRequiredAttributes, registeredSearchAttributes } from '../../client/server/search-attributes.js';
import { type AlertEvent, boundedAlert, type QueueAlert } from '../../common/alerts/alert-event.js';
import {
  breakerAlerts,
  type SeenBreaker,
  throttledAlert,
  unthrottledAlert,
} from '../../common/alerts/breaker-alerts.js';
import type { Looked, LookResult } from '../../common/alerts/messages.js';
import { withinBytes } from '../../common/text/text.js';
import { noHooksHere } from './deliver-alerts.js';
import type { HooksHere, QueueLimits } from './hooks.js';

/** Visibility may lag behind by less than this. What is seen twice is ignored by its id. */
const OVERLAP_MS = 120_000;
/** For this time a breaker that does not answer is asked again. Then its memo has to do, which knows only its state. */
const MAX_ASKING_MS = 15 * 60_000;
/** Names that the next look has to know. */
const MAX_NAMES = 200;
const MAX_NAMES_BYTES = 50_000;
/** The server takes results of two megabytes. */
const MAX_EVENTS_BYTES = 1_000_000;

/** What has changed since the last look: circuit breakers by their transitions, also short ones, and queues by their limits. */
export async function lookForAlerts(
  { at, throttled, above }: Looked,
  here: HooksHere | undefined,
  survey: OpenLetterSurvey,
): Promise<LookResult> {
  if (here === undefined) throw noHooksHere(Context.current().info.attempt);
  const now = Date.now();
  const wants = (kind: string) => here.hooks.some(({ kinds }) => kinds.some((each) => each === kind));
  const breakers = wants('breaker')
    ? await lookAtBreakers(at, throttled, now)
    : { at: now, events: [], throttled: [] };
  const queues = wants('queue') ? await lookAtQueues(above, here, survey, now) : { events: [], above: [] };
  return {
    at: breakers.at,
    throttled: withinBytes(breakers.throttled.slice(0, MAX_NAMES), MAX_NAMES_BYTES),
    above: withinBytes(queues.above.slice(0, MAX_NAMES), MAX_NAMES_BYTES),
    events: withinBytes([...breakers.events, ...queues.events].map(boundedAlert), MAX_EVENTS_BYTES),
  };
}

async function lookAtBreakers(at: number | undefined, before: readonly string[], now: number) {
  const after = at === undefined ? undefined : at - OVERLAP_MS;
  const changed = await changedBreakers(Context.current().client, after);
  const isSilent = ({ epoch, transitions }: SeenBreaker) => epoch > 0 && transitions === undefined;
  // What it says later would come after what it is now.
  const asksAgain = at !== undefined && now - at < MAX_ASKING_MS && changed.some(isSilent);
  const seen = asksAgain ? changed.filter((each) => !isSilent(each)) : changed;
  const throttled = new Set(before);
  const events: AlertEvent[] = [];
  for (const breaker of seen) {
    events.push(...breakerAlerts(breaker, after));
    const { name, status } = breaker;
    if (status !== 'THROTTLED') {
      // Where it has opened or was set by hand, that is an event of its own.
      if (throttled.delete(name) && status === 'CLOSED') events.push(unthrottledAlert(breaker));
    } else if (!throttled.has(name)) {
      throttled.add(name);
      events.push(throttledAlert(breaker));
    }
  }
  return { at: asksAgain ? at : now, events, throttled: [...throttled] };
}

async function lookAtQueues(
  before: readonly string[],
  { limitsOf }: HooksHere,
  survey: OpenLetterSurvey,
  now: number,
): Promise<{ events: QueueAlert[]; above: readonly string[] }> {
  const registered = await registeredSearchAttributes(Context.current().client);
  // Letters cannot be counted without. The log of the worker's start says so.
  if (registered !== undefined && !hasRequiredAttributes(registered)) return { events: [], above: before };
  // Also those without letters by now, which this process may never have seen.
  survey.know(before);
  const found = await survey.take();
  const above = new Set(before);
  const events: QueueAlert[] = [];
  for (const letters of found) {
    const { queue } = letters;
    const limits = limitsOf(queue);
    const isAbove = exceeds(letters, limits, now);
    if (isAbove === above.has(queue)) continue;
    if (isAbove) above.add(queue);
    else above.delete(queue);
    events.push(queueAlert(letters, limits, isAbove, now));
  }
  return { events, above: [...above] };
}

function exceeds(
  { letters, oldest }: OpenLetters,
  { maxLetters, maxAgeMs }: QueueLimits,
  now: number,
): boolean {
  return letters > maxLetters || (oldest !== undefined && now - oldest.getTime() > maxAgeMs);
}

function queueAlert(
  { queue, letters, oldest }: OpenLetters,
  { maxLetters, maxAgeMs }: QueueLimits,
  isAbove: boolean,
  now: number,
): QueueAlert {
  const change = isAbove ? 'above' : 'below';
  const seconds = (ms: number) => Math.round(Math.max(0, ms) / 1_000);
  return {
    kind: 'queue',
    change,
    id: `queue/${change}/${now}/${queue}`.slice(0, 500),
    at: new Date(now).toISOString(),
    queue,
    letters,
    ...(oldest === undefined ? {} : { oldestSeconds: seconds(now - oldest.getTime()) }),
    ...(Number.isFinite(maxLetters) ? { maxLetters } : {}),
    ...(Number.isFinite(maxAgeMs) ? { maxAgeSeconds: seconds(maxAgeMs) } : {}),
  };
}
