import { oneLine } from '../text/text.js';
import type { AlertEvent, BreakerAlert, GroupAlert, QueueAlert } from './alert-event.js';

/** An event in one line of plain text. */
export function describeAlert(event: AlertEvent): string {
  switch (event.kind) {
    case 'breaker':
      return oneLine(describeBreaker(event));
    case 'queue':
      return oneLine(describeQueue(event));
    case 'group':
      return oneLine(describeGroup(event));
  }
}

const BREAKER: Record<BreakerAlert['change'], string> = {
  opened: 'has opened: calls are rejected and wait',
  closed: 'has closed: calls pass',
  forced: 'was set by hand',
  throttled: 'waits: the quota of the service is used up',
  unthrottled: 'waits no longer for the quota of the service: calls pass',
};

function describeBreaker({ breaker, change, status, why }: BreakerAlert): string {
  const state = change === 'forced' ? ` (${status})` : '';
  return `Circuit breaker ${breaker} ${BREAKER[change]}${state}${why === undefined ? '' : ` · ${why}`}`;
}

const GROUP: Record<GroupAlert['change'], string> = {
  new: 'New cause of dead letters',
  regressed: 'A resolved cause of dead letters is back',
  spike: 'Many dead letters of one cause',
};

function describeGroup({
  change,
  operation,
  category,
  statusCode,
  message,
  letters,
  fingerprint,
}: GroupAlert): string {
  const what = [operation, [category, statusCode].filter(Boolean).join(' ')].filter(Boolean).join(' · ');
  const count = letters === undefined ? '' : ` · ${letters} ${letters === 1 ? 'letter' : 'letters'}`;
  return `${GROUP[change]}: ${what || `group ${fingerprint}`}${message === undefined ? '' : ` · ${message}`}${count}`;
}

function describeQueue({
  queue,
  change,
  letters,
  oldestSeconds,
  maxLetters,
  maxAgeSeconds,
}: QueueAlert): string {
  const open = `${letters} open ${letters === 1 ? 'letter' : 'letters'}`;
  if (change === 'below') return `Dead-letter queue ${queue} is within its limits again: ${open}`;
  const limits = [
    ...(maxLetters !== undefined && letters > maxLetters ? [`more than ${maxLetters}`] : []),
    ...(maxAgeSeconds !== undefined && (oldestSeconds ?? 0) > maxAgeSeconds
      ? [`the oldest waits for ${span(oldestSeconds ?? 0)}, more than ${span(maxAgeSeconds)}`]
      : []),
  ];
  return `Dead-letter queue ${queue} has ${[open, ...limits].join(', ')}`;
}

function span(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  const [length, unit] = units.find(([length]) => seconds >= length) ?? [1, 'second'];
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** What events are about: those of one key say what became of the same thing. */
export function alertKey(event: AlertEvent): string {
  switch (event.kind) {
    case 'breaker':
      return `breaker/${event.breaker}`;
    case 'queue':
      return `queue/${event.queue}`;
    case 'group':
      return `group/${event.fingerprint}`;
  }
}

/** The trouble is over. */
export function isOver(event: AlertEvent): boolean {
  return event.change === 'closed' || event.change === 'unthrottled' || event.change === 'below';
}
