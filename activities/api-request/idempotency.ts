import { createHash } from 'node:crypto';
import type { Context } from '@temporalio/activity';
import { idempotencyKey } from '../failing-call/origin.js';
import type { Call } from './request.js';

/** Whether the request is all the activity does, or one of several in an activity of the user's. */
export type KeyScope = 'activity' | 'request';

const firstOf = new WeakMap<Context, string>();

/**
 * The key of a request that has none: that of the activity call, the same in every attempt and every replay. Requests
 * that an activity makes of its own get one each, told apart by what they send: the same key for two different
 * requests would make the service swallow the second.
 */
export function keyFor(call: Call, scope: KeyScope, context: Context | undefined): string | undefined {
  if (context?.info.workflowExecution === undefined) return undefined;
  const key = idempotencyKey();
  const request = fingerprint(call);
  if (scope === 'request') return `${key}/${request}`;
  const first = firstOf.get(context) ?? request;
  firstOf.set(context, first);
  return first === request ? key : `${key}/${request}`;
}

function fingerprint({ method, url, body = '' }: Call): string {
  return createHash('sha256').update(`${method} ${url.href}\n${body}`).digest('hex').slice(0, 16);
}
