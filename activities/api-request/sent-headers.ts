import type { Context } from '@temporalio/activity';
import { type Headers, headerProblem, mergeHeaders } from './headers.js';
import { type KeyScope, keyFor } from './idempotency.js';
import type { Settings } from './options.js';
import type { Call } from './request.js';
import type { HeaderSource } from './types.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const KEY = 'idempotency-key';

/** Our defaults, then the headers of the options, then those of the request. */
export async function headersToSend(
  call: Call,
  settings: Settings,
  keyScope: KeyScope,
  context: Context | undefined,
): Promise<Record<string, string>> {
  const headers = mergeHeaders(
    {
      accept: 'application/json, */*;q=0.5',
      'accept-encoding': 'gzip, br',
      'user-agent': 'temporal-recovery',
    },
    call.contentType === undefined ? {} : { 'content-type': call.contentType },
    await headersOf(settings.headers),
    call.headers,
  );
  if (typeof call.idempotencyKey === 'string') headers[KEY] = call.idempotencyKey;
  else if (call.idempotencyKey !== false && !SAFE.has(call.method)) {
    const key = headers[KEY] ?? keyFor(call, keyScope, context);
    if (key !== undefined) headers[KEY] = key;
  }
  return headers;
}

async function headersOf(source: HeaderSource | undefined): Promise<Headers | undefined> {
  if (typeof source !== 'function') return source;
  const headers = await source();
  for (const [name, value] of Object.entries(headers)) {
    const problem = headerProblem(name, value);
    if (problem !== undefined) throw new TypeError(`headers(): ${JSON.stringify(name)}: ${problem}`);
  }
  return headers;
}
