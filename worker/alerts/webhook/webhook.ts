import type { AlertContext, AlertHook } from '../../../activities/alerts/hooks.js';
import { inParallel } from '../../../client/in-parallel.js';
import type { AlertEvent } from '../../../common/alerts/alert-event.js';
import { describeAlert } from '../../../common/alerts/describe.js';
import { type Duration, readDuration } from '../../../common/text/duration.js';
import { show } from '../../../common/text/show.js';
import { linkOf, type UiAddress } from './alert-lines.js';
import { PAGERDUTY_URL, pagerDutyBodies } from './pagerduty.js';
import { slackBody } from './slack.js';
import { teamsBody } from './teams.js';

const FORMATS = ['json', 'slack', 'teams', 'pagerduty'] as const;

/** Where alerts are sent, and how. Address, headers and key stay in the memory of the worker. */
export interface WebhookOptions {
  /** Address of the receiver, with `http:` or `https:`. @default PagerDuty's, with its format */
  url?: string;
  /** What is sent. `json`: the events as they are, each with a `summary`. @default 'json' */
  format?: (typeof FORMATS)[number];
  /** Integration key of a PagerDuty service, which its format needs. */
  routingKey?: string;
  /** Further headers of the request, such as `authorization`. */
  headers?: Readonly<Record<string, string>>;
  /** The body, instead of the one of the format: a string as it is, all else as JSON. */
  template?: (events: readonly AlertEvent[], context: AlertContext) => unknown;
  /** Address of the Temporal UI, such as `https://temporal.example.com`, for links. @default no links */
  uiUrl?: string;
  /** How long an answer is awaited. @default '10 seconds' */
  timeout?: Duration;
}

const OPTIONS = ['url', 'format', 'routingKey', 'headers', 'template', 'uiUrl', 'timeout'];
const DEFAULT_TIMEOUT_MS = 10_000;
/** Of the time that a hook has. */
const MAX_TIMEOUT_MS = 30_000;
/** A hundred incidents are sent in the time that a hook has. */
const SENT_AT_ONCE = 10;

/**
 * A hook that sends alerts to an address: `alerts: { onBreaker: webhook({ url: process.env.SLACK_WEBHOOK, format: 'slack' }) }`.
 * What the receiver does not take (any answer but 2xx, or none) is sent again.
 * @throws TypeError for an option that cannot be used; it never shows address, headers or key
 */
export function webhook(options: WebhookOptions): AlertHook {
  const { target, headers, timeoutMs, uiUrl, bodiesOf } = checked(options);
  return async (events, context) => {
    const ui: UiAddress = { url: uiUrl, namespace: context.namespace };
    await inParallel(bodiesOf(events, context, ui), SENT_AT_ONCE, (body) =>
      send(
        target,
        body,
        {
          ...{ 'content-type': 'application/json', 'user-agent': 'temporal-recovery' },
          // Not part of the secrets: receivers can tell by it what they have already.
          'idempotency-key': context.batch,
          ...headers,
        },
        timeoutMs,
      ),
    );
  };
}

async function send(
  target: URL,
  body: unknown,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(target, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      // Another address was not configured.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
  } catch (error) {
    throw new Error(`no answer from ${target.host} (${reasonOf(error)})`);
  }
  // The answer may repeat the address, which is a secret.
  if (!answer.ok) throw new Error(`${target.host} answered ${answer.status}`);
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return 'time-out';
  return typeof cause?.code === 'string' ? cause.code : 'no connection';
}

type BodiesOf = (events: readonly AlertEvent[], context: AlertContext, ui: UiAddress) => readonly unknown[];

/** @throws TypeError */
function checked(options: WebhookOptions) {
  if (typeof options !== 'object' || options === null)
    throw wrong('expected an object such as { url }', options);
  for (const name of Object.keys(options))
    if (!OPTIONS.includes(name)) throw wrong(`unknown option ${name}; known are ${OPTIONS.join(', ')}`);
  const { format = 'json', routingKey, headers = {}, template, uiUrl, timeout } = options;
  if (!FORMATS.includes(format)) throw wrong(`format: expected one of ${FORMATS.join(', ')}`, format);
  if (template !== undefined && typeof template !== 'function')
    throw wrong('template: expected a function', template);
  if (format === 'pagerduty' && (typeof routingKey !== 'string' || routingKey === ''))
    throw wrong(
      'routingKey: expected the integration key of a PagerDuty service, a string that is not empty',
    );
  if (
    typeof headers !== 'object' ||
    headers === null ||
    Object.values(headers).some((value) => typeof value !== 'string')
  )
    throw wrong('headers: expected an object of strings');
  const timeoutMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : (readDuration(timeout) ?? 0);
  if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS))
    throw wrong(
      'timeout: expected milliseconds or a string such as "5 seconds", at most 30 seconds',
      timeout,
    );
  const url = options.url ?? (format === 'pagerduty' ? PAGERDUTY_URL : undefined);
  return {
    target: addressOf(url, 'url'),
    headers: lowerCased(headers),
    timeoutMs,
    uiUrl: uiUrl === undefined ? undefined : addressOf(uiUrl, 'uiUrl').href.replace(/\/+$/, ''),
    bodiesOf: bodies(format, template, routingKey ?? ''),
  };
}

function bodies(
  format: WebhookOptions['format'],
  template: WebhookOptions['template'],
  routingKey: string,
): BodiesOf {
  if (template !== undefined) return (events, context) => [template(events, context)];
  switch (format) {
    case 'slack':
      return (events, _, ui) => [slackBody(events, ui)];
    case 'teams':
      return (events, _, ui) => [teamsBody(events, ui)];
    case 'pagerduty':
      return (events, _, ui) => pagerDutyBodies(events, ui, routingKey);
    default:
      return (events, context, ui) => [jsonBody(events, context, ui)];
  }
}

function jsonBody(events: readonly AlertEvent[], { batch, namespace, attempt }: AlertContext, ui: UiAddress) {
  const shown = events.map((event) => {
    const link = linkOf(event, ui);
    return { ...event, summary: describeAlert(event), ...(link === undefined ? {} : { link }) };
  });
  return { v: 1, batch, namespace, attempt, events: shown };
}

function addressOf(value: unknown, option: string): URL {
  // Its value is a secret: it is not shown.
  const fix = `${option}: expected an address that begins with http:// or https://, got ${value === undefined ? 'nothing' : typeof value === 'string' ? 'a string that is not one' : show(value)}`;
  if (typeof value !== 'string' || !URL.canParse(value)) throw wrong(fix);
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw wrong(fix);
  if (url.username !== '' || url.password !== '')
    throw wrong(
      `${option}: expected an address without user and password; give them in headers, as authorization`,
    );
  return url;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function wrong(problem: string, value?: unknown): TypeError {
  return new TypeError(`webhook: ${problem}${value === undefined ? '' : `, got ${show(value)}`}`);
}
