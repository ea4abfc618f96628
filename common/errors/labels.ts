import { ErrorCategory } from './category.js';
import { get, getString } from './safe.js';
import { categoryOfNameWords, categoryOfWords } from './sources/code-words.js';
import { applicationType } from './sources/temporal.js';
import { tableOf } from './table.js';

const { TIMEOUT, NETWORK } = ErrorCategory;

/** Labels that HTTP clients put on an error (`type` of node-fetch, `errno` of superagent, and so on). */
const LABELS = tableOf({
  TIMEOUT: 'request-timeout body-timeout timeout ETIME ETIMEDOUT connect-timeout headers-timeout TimedOut',
  NETWORK: 'network-error connection-error',
  SERVER: 'invalid-json invalid-body parse-error entity.parse.failed',
  CLIENT: 'max-size max-redirect no-redirect unsupported-redirect invalid-url unsupported-protocol',
});

/** Numbers of errors as Linux counts them, in libuv's sign and in Python's. */
const NUMBERS: Readonly<Record<number, ErrorCategory>> = {
  110: TIMEOUT,
  32: NETWORK,
  100: NETWORK,
  101: NETWORK,
  102: NETWORK,
  103: NETWORK,
  104: NETWORK,
  107: NETWORK,
  111: NETWORK,
  112: NETWORK,
  113: NETWORK,
  // Those of macOS and of libuv where the system has none.
  54: NETWORK,
  60: TIMEOUT,
  61: NETWORK,
  3001: NETWORK,
  3008: NETWORK,
  4039: TIMEOUT,
  4077: NETWORK,
  4078: NETWORK,
};

/** Names of properties that hold such labels. */
const KEYS = [
  'errno',
  'type',
  'detail',
  'reason',
  'kind',
  'source',
  'level',
  'errorType',
  'code',
  'error',
  'timeoutType',
];

export function categoryOfLabel(link: unknown): ErrorCategory | undefined {
  if (isTimedOutBySignal(link)) return TIMEOUT;
  for (const key of KEYS) {
    const label = getString(link, key);
    const category = label === undefined ? undefined : LABELS.get(label);
    if (category !== undefined) return category;
  }
  return byNumber(link);
}

/** `AbortSignal.timeout` ended the call, whatever the client made of it (gaxios, axios: "aborted"). */
function isTimedOutBySignal(link: unknown): boolean {
  return ['config', 'request', 'options'].some(
    (holder) => get(get(get(get(link, holder), 'signal'), 'reason'), 'name') === 'TimeoutError',
  );
}

/** By the words of an unlisted label, and of the name of its class. */
export function categoryOfLabelWords(link: unknown): ErrorCategory | undefined {
  const type = applicationType(link);
  for (const key of KEYS) {
    const label = getString(link, key) ?? '';
    const category = label === type ? categoryOfNameWords(label) : categoryOfWords(label);
    if (category !== undefined) return category;
  }
  return (
    categoryOfNameWords(getString(link, 'name') ?? '') ??
    categoryOfNameWords(getString(get(link, 'constructor'), 'name') ?? '')
  );
}

function byNumber(link: unknown): ErrorCategory | undefined {
  const number = get(link, 'errno');
  if (typeof number !== 'number' || get(link, 'sqlState') !== undefined) return undefined;
  const system = getString(link, 'code') === undefined || getString(link, 'syscall') !== undefined;
  return system ? NUMBERS[Math.abs(number)] : undefined;
}
