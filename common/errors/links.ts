import { get, getString, items } from './safe.js';
import { isTemporalWrapper } from './sources/temporal.js';
import { verdictOfChain } from './verdict.js';

const MAX_DEPTH = 10;
const MAX_MEMBERS = 20;

/**
 * An error and its causes, outermost first: cycles and long chains end, Temporal's wrappers are left out, and an
 * `AggregateError` continues with the most telling of its errors.
 */
export function linksOf(error: unknown): unknown[] {
  return follow(error, MAX_DEPTH, tellingMember);
}

function follow(error: unknown, depth: number, memberOf: (error: unknown) => unknown): unknown[] {
  const seen: unknown[] = [];
  let at = error;
  while (seen.length < depth && !seen.includes(at)) {
    seen.push(at);
    const next = causeOf(at) ?? memberOf(at);
    if (next === undefined || next === null || typeof next === 'function') break;
    at = next;
  }
  const telling = seen.filter((link) => !isTemporalWrapper(link));
  return telling.length > 0 ? telling : seen;
}

/** Where libraries kept the error they wrap before there was `cause`, and many still do. */
const WRAPPED: readonly string[] = [
  ...[
    'originalError',
    'original',
    'parent',
    'driverError',
    'innerError',
    'innerException',
    'inner',
    'networkError',
  ],
  ...['error', 'err', 'exception', 'lastError', 'reason', 'previous', 'source', 'root', 'detail', 'raw'],
];

function causeOf(error: unknown): unknown {
  const cause = get(error, 'cause') ?? get(error, 'jse_cause');
  if (cause !== undefined && cause !== null) return cause;
  return WRAPPED.map((name) => get(error, name)).find(isError);
}

/** Not the words of an answer, nor a row of data that has a message and a stack of its own, but something that was thrown. */
function isError(value: unknown): boolean {
  const message = get(value, 'message');
  const stack = get(value, 'stack');
  if (typeof message !== 'string' || typeof stack !== 'string') return false;
  return Object.prototype.toString.call(value) === '[object Error]' || isTrace(stack, message);
}

/** As engines write it: the message first (V8), or places in code, a line each. */
function isTrace(stack: string, message: string): boolean {
  const beginning = stack.slice(0, 4_000);
  return (
    /(?:^|\n)\s{0,20}(?:at |File ")|@\S{1,200}:\d+:\d+/.test(beginning) ||
    (message !== '' &&
      /^\w{0,80}(?:Error|Exception)\b/.test(beginning) &&
      beginning.includes(message.slice(0, 200)))
  );
}

/** The first whose category is sure, else the first with any. Aggregates inside show their first error only. */
function tellingMember(error: unknown): unknown {
  const members = membersOf(error);
  let likely: unknown;
  for (const member of members) {
    const verdict = verdictOfChain(follow(member, MAX_DEPTH / 2, (inner) => membersOf(inner)[0]));
    if (verdict === undefined) continue;
    if (verdict.weak !== true) return member;
    likely ??= member;
  }
  return likely ?? members[0];
}

function membersOf(error: unknown): unknown[] {
  const name = getString(error, 'name');
  if (
    name === 'AggregateError' ||
    (Array.isArray(get(error, 'errors')) && items(get(error, 'errors'), 1).some(isError))
  )
    return items(get(error, 'errors'), MAX_MEMBERS);
  // Of the hosts that Algolia's client has tried, the last.
  if (name === 'RetryError') return items(get(error, 'stackTrace'), MAX_MEMBERS).slice(-1);
  if (name === 'SuppressedError') return [get(error, 'error'), get(error, 'suppressed')];
  return getString(error, 'status') === 'rejected' ? [get(error, 'reason')] : [];
}
