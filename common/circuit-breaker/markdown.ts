import { SEARCH_ATTRIBUTES } from '../contract.js';
import { HELD_LETTERS_QUERY, lettersOfOperationQuery, openLettersLink } from '../dead-letter/letter-lists.js';
import { analyticsWorkflowId } from '../error-analytics/messages.js';
import { describeFlood } from '../flood/describe.js';
import { limitWorkflowId } from '../limit/id.js';
import { describeThrottle } from '../quota/describe.js';
import { code, listLink, page, rejectedSection, searchLink } from '../text/markdown.js';
import { describeReason, seconds } from './describe.js';
import type { BreakerSnapshot, ShownFlood, ShownThrottle } from './messages.js';
import { type FailedTrials, foldTrials, notClosedSince } from './shown-transitions.js';
import type { Transition } from './state.js';
import { type BreakerStatus, CircuitBreakerState } from './state-name.js';

const MEANING: Record<BreakerStatus, string> = {
  CLOSED: 'calls pass',
  THROTTLED: 'the quota of the service is used up: calls wait and keep their attempts',
  OPEN: 'calls are rejected and wait',
  HALF_OPEN: 'a few calls pass as trials, the others wait',
  FORCED_OPEN: 'opened by hand: all calls are rejected and wait',
  DISABLED: 'switched off by hand: calls pass and are not counted',
  METRICS_ONLY: 'kept closed by hand: calls pass and are counted',
};

const BY_HAND = 'End this: it closes, and counts from zero';

const RESET: Record<BreakerStatus, string> = {
  CLOSED: 'Close it and count from zero, also after one of these, and let calls go on whose quota is used up',
  THROTTLED: 'Let the calls go on now',
  OPEN: 'Close it now, and count from zero',
  HALF_OPEN: 'Close it now, and count from zero',
  FORCED_OPEN: BY_HAND,
  DISABLED: BY_HAND,
  METRICS_ONLY: BY_HAND,
};

/** What the page knows of the workflow itself. */
export interface BreakerPageContext {
  readonly namespace: string;
  /** Of the recovery workers. */
  readonly taskQueue: string;
  /** Rejected signals, newest last. */
  readonly notes: readonly string[];
  /** Search attributes known to be registered. */
  readonly searchAttributes: readonly string[];
}

/** The page of a breaker: its state, why, since when, what comes next, what can be done, what has been. */
export function breakerDetails(breaker: BreakerSnapshot, context: BreakerPageContext): string {
  const { status, since, changesAt, why, failuresInARow, workers, conflictAt, config } = breaker;
  const { floods = [], throttles = [] } = breaker;
  const began = notClosedSince(breaker);
  // A breaker that is closed or throttled has no other reason than the floods and quotas below.
  const isSaidBelow = status === 'THROTTLED' || (status === 'CLOSED' && floods.length + throttles.length > 0);
  const rows: [string, string | undefined][] = [
    ['Since', since],
    ['Why', isSaidBelow ? undefined : why && code(why, 1_000)],
    ['Not closed since', began && opening(began)],
    [nextLabel(status), changesAt],
    ['Failures in a row', failuresInARow > 0 ? `${failuresInARow}` : undefined],
    ['Workers that reported', workers > 0 ? `${workers}` : undefined],
    [
      'Opens for',
      `${seconds(config.openTime.initialInterval)}${config.openTime.backoffCoefficient > 1 ? `, longer each time a trial fails, at most ${seconds(config.openTime.maximumInterval)}` : ''}`,
    ],
    [
      'Workers differ',
      conflictAt &&
        `workers with different settings for this breaker reported, last at ${conflictAt}; those configured last are used`,
    ],
  ];
  return page(
    [
      `### ${status}: ${MEANING[status]}${exception(breaker)}`,
      '',
      ...rows.flatMap(([name, value]) => (value ? [`- **${name}**: ${value}`] : [])),
      ...floodLines(floods, context),
      ...throttleLines(throttles),
      '',
      'What you can do (button **More Actions → Send a Signal**, encoding `json/plain`):',
      '',
      ...resumeLines(floods),
      ...(status === 'CLOSED' ? [] : [reset(status)]),
      '- Reject all calls: signal `forceOpen`, input `{"by": "you", "reason": "maintenance", "expiresIn": "30 minutes"}`',
      '- Let all calls pass and count them: signal `forceClosed`, input `{"by": "you", "expiresIn": "1 hour"}`',
      '- Switch it off: signal `disable`, input `{"by": "you", "reason": "…"}`',
      ...(status === 'CLOSED' ? [reset(status)] : []),
      ...rejectedSection(context.notes),
      '',
      '### See also',
      '',
      ...seeAlso(breaker.name, context),
      '',
      '### Last transitions',
      '',
      ...(breaker.transitions.length === 0
        ? ['- none yet']
        : foldTrials(breaker.transitions).map(line).reverse()),
    ],
    'circuit-breaker.md',
  );
}

/** First of what can be done, except where the breaker is closed already. */
function reset(status: BreakerStatus): string {
  return `- ${RESET[status]}: signal \`reset\`, input \`{"by": "you"}\``;
}

/** Calls that wait although the breaker is closed. */
function exception({ status, floods = [], throttles = [] }: BreakerSnapshot): string {
  if (status !== CircuitBreakerState.CLOSED) return '';
  if (floods.some(({ state }) => state === 'held'))
    return ', but some are held: too many became dead letters';
  return throttles.length > 0 ? ', but some wait: a quota of the service is used up' : '';
}

/**
 * Lists, because each of them may be empty: not every breaker has a limit, or letters. No search attribute has the name of a
 * letter's breaker, so each line says what its list has.
 */
function seeAlso(name: string, { namespace, taskQueue, searchAttributes }: BreakerPageContext): string[] {
  const operation = operationOf(name);
  return [
    ...(operation !== undefined && searchAttributes.includes(SEARCH_ATTRIBUTES.operation)
      ? [
          `- Open dead letters of operation ${code(operation)}, of calls on any task queue: ${listLink(namespace, 'open letters of this operation', lettersOfOperationQuery(operation))}`,
        ]
      : []),
    ...(searchAttributes.includes(SEARCH_ATTRIBUTES.status)
      ? [
          `- Dead letters that wait for this or another circuit breaker: ${listLink(namespace, 'held letters', HELD_LETTERS_QUERY)}`,
        ]
      : []),
    `- The limit of its calls, if they have one: ${searchLink(namespace, limitWorkflowId(name))}`,
    `- The errors of all workers: ${searchLink(namespace, analyticsWorkflowId(taskQueue))}`,
  ];
}

/** Where no option names a breaker, it has the name of task queue and activity type; that is the operation, where a call has no name. */
function operationOf(name: string): string | undefined {
  const at = name.lastIndexOf('/');
  return at <= 0 ? undefined : name.slice(at + 1) || undefined;
}

/** Of many operations and keys the first ones. */
const SHOWN_FLOODS = 20;

function floodLines(
  floods: readonly ShownFlood[],
  { namespace, searchAttributes }: BreakerPageContext,
): string[] {
  if (floods.length === 0) return [];
  const shown = floods.slice(0, SHOWN_FLOODS).map((each) => {
    const letters = openLettersLink(namespace, each, searchAttributes);
    return `- ${code(describeShownFlood(each), 700)}${letters === undefined ? '' : ` · ${letters}`}`;
  });
  const more = floods.length - shown.length;
  return ['', '### Floods of dead letters', '', ...shown, ...(more > 0 ? [`- and ${more} more`] : [])];
}

export function describeShownFlood({ since, until, ...rest }: ShownFlood): string {
  return describeFlood({ ...rest, since: Date.parse(since), until: Date.parse(until) });
}

function resumeLines(floods: readonly ShownFlood[]): string[] {
  const held = floods.find(({ state }) => state === 'held');
  if (held === undefined) return [];
  const { operation, quotaKey } = held;
  const fields = Object.entries({ operation, quotaKey, by: 'you', expiresIn: '1 hour' })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  const input = `{${fields.join(', ')}}`;
  return [
    `- Let held calls go on: signal \`resume\`, input ${code(input, 600)}. Without \`operation\` all held calls go on; without \`expiresIn\` they are held again if they fail as before`,
  ];
}

/** Of many keys the first ones. */
const SHOWN_THROTTLES = 20;

function throttleLines(throttles: readonly ShownThrottle[]): string[] {
  const shown = throttles.slice(0, SHOWN_THROTTLES).map(({ key = '', until, said, narrowed }) => {
    const text = describeThrottle({ key, until: Date.parse(until), said, narrowed });
    return `- ${code(text, 600)}`;
  });
  if (shown.length === 0) return [];
  const more = throttles.length - shown.length;
  return ['', '### Quotas that are used up', '', ...shown, ...(more > 0 ? [`- and ${more} more`] : [])];
}

function nextLabel(status: BreakerStatus): string {
  if (status === 'THROTTLED') return 'Goes on at';
  if (status === CircuitBreakerState.OPEN) return 'Next trial';
  return status === CircuitBreakerState.HALF_OPEN ? 'Opens again without a result at' : 'Until';
}

function line(shown: Transition | FailedTrials): string {
  const reason = code(describeReason(shown.reason), 400);
  if ('failed' in shown) {
    return `- ${iso(shown.first)} to ${iso(shown.last)} — the last **${shown.failed} trials failed** · ${reason}`;
  }
  return `- ${iso(shown.at)} — ${shown.from} → **${shown.to}** · ${reason}`;
}

function opening({ at, reason }: Transition): string {
  return `${iso(at)} · ${code(describeReason(reason), 400)}`;
}

const iso = (at: number): string => new Date(at).toISOString();
