import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import type { Connections } from './agents.js';
import { AddressRefusedError } from './agents.js';
import { type Headers, plainHeaders, withoutCredentials, withoutHeaders } from './headers.js';
import type { Call } from './request.js';
import type { RequestScope } from './scope.js';

/** What is sent next: the call itself, or what a redirect made of it. */
export interface Hop {
  readonly method: Call['method'];
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Readable;
}

/** A redirect that is not followed. */
export class RedirectRefused extends Error {}

export function isRedirect({ status, headers }: Answer): boolean {
  return [301, 302, 303, 307, 308].includes(status) && headers.location !== undefined;
}

/**
 * The request a redirect asks for (RFC 9110 §15.4): 303, and after a POST 301 and 302, become GET without a body.
 * @throws RedirectRefused
 */
export function nextHop(hop: Hop, { status, headers }: Answer): Hop {
  const url = locationOf(headers.location ?? '', hop.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new RedirectRefused(`Redirect to ${url.protocol} refused`);
  }
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new RedirectRefused(`Redirect from https to http refused: ${url.origin}`);
  }
  const becomesGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST';
  const kept = url.origin === hop.url.origin ? hop.headers : withoutCredentials(hop.headers);
  if (!becomesGet) return { ...hop, url, headers: kept };
  const ofBody = (name: string) => name.startsWith('content-') || name === 'idempotency-key';
  return { method: 'GET', url, headers: withoutHeaders(kept, ofBody) };
}

function locationOf(location: string, from: URL): URL {
  let url: URL;
  try {
    url = new URL(location, from);
  } catch {
    throw new RedirectRefused('Redirect to an invalid URL');
  }
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

/** Sends one request and waits for the head of the answer. The body is given away or has to be read to its end. */
export async function send(
  hop: Hop,
  { guard, dispatcher }: Connections,
  scope: RequestScope,
  connectTimeoutMs: number,
): Promise<Answer> {
  const refusal = guard.refusalOfHost(hop.url.hostname);
  if (refusal !== undefined) throw new AddressRefusedError(refusal);
  const connected = scope.endAfter(
    connectTimeoutMs,
    `no connection within ${connectTimeoutMs} ms (connectTimeout)`,
  );
  try {
    const answer = await scope.race(
      request(hop.url, {
        method: hop.method,
        headers: hop.headers,
        body: hop.body,
        dispatcher: dispatcher.compose(whenConnected(connected)),
        signal: scope.signal,
        // Ours counts the whole of it.
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
    );
    // A body that is not read to its end may fail later, when no code handles it.
    answer.body.on('error', () => {});
    return { status: answer.statusCode, headers: plainHeaders(answer.headers), body: answer.body };
  } finally {
    connected();
  }
}

/** The first thing a handler hears is that its request goes out on a connection. */
function whenConnected(connected: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        connected();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...details) => handler.onRequestUpgrade?.(...details),
      onResponseStart: (...details) => handler.onResponseStart?.(...details),
      onResponseData: (...details) => handler.onResponseData?.(...details),
      onResponseEnd: (...details) => handler.onResponseEnd?.(...details),
      onResponseError: (...details) => handler.onResponseError?.(...details),
    });
}
