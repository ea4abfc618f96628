import { fitToSchema, readAnswer } from './answer.js';
import { readStart } from './body.js';
import type { Trace } from './error.js';
import { endOf, failureOf } from './failures.js';
import { type Answer, type Hop, isRedirect, nextHop, RedirectRefused, send } from './hops.js';
import type { KeyScope } from './idempotency.js';
import type { Settings } from './options.js';
import { type Call, parseRequest } from './request.js';
import { currentContext, RequestScope } from './scope.js';
import { headersToSend } from './sent-headers.js';
import type { ApiResponse } from './types.js';

/** What is read of a redirect's body, so that its connection can be used again. */
const REDIRECT_BODY_BYTES = 64_000;

/**
 * Checks, sends and reads one request.
 * @throws ApiRequestError; ApplicationFailure (not retryable) for a request that cannot be used; CancelledFailure
 */
export async function run(given: unknown, settings: Settings, keyScope: KeyScope): Promise<ApiResponse> {
  const call = parseRequest(given, settings);
  const context = currentContext();
  const scope = new RequestScope(call.timeoutMs, context);
  const trace: Trace = { method: call.method, url: call.url.href };
  try {
    // What the user's own function throws stays what it is.
    const headers = await scope.race(headersToSend(call, settings, keyScope, context));
    trace.sent = headers;
    const answer = await follow({ ...call, headers }, settings, scope, trace);
    const body = await readAnswer(answer, call, trace).catch((error) =>
      Promise.reject(failureOf(error, trace)),
    );
    const value = await scope.race(fitToSchema(body, call, trace));
    return { status: answer.status, headers: answer.headers, body: value, url: trace.url };
  } catch (error) {
    throw endOf(scope, error, trace);
  } finally {
    scope.close();
  }
}

async function follow(call: Call, settings: Settings, scope: RequestScope, trace: Trace): Promise<Answer> {
  try {
    let hop: Hop = call;
    for (let redirects = 0; ; redirects++) {
      startHop(trace, hop, call);
      const answer = await send(hop, settings, scope, call.connectTimeoutMs);
      trace.status = answer.status;
      trace.headers = answer.headers;
      if (!isRedirect(answer) || call.redirect === 'manual') return answer;
      await scope.race(readStart(answer.body, {}, REDIRECT_BODY_BYTES));
      if (call.redirect === 'error')
        throw new RedirectRefused(`Redirect (${answer.status}) refused: redirect is "error"`);
      if (redirects === call.maxRedirects)
        throw new RedirectRefused(`More than ${call.maxRedirects} redirects`);
      hop = nextHop(hop, answer);
    }
  } catch (error) {
    throw failureOf(error, trace);
  }
}

function startHop(trace: Trace, hop: Hop, call: Call): void {
  trace.method = hop.method;
  trace.url = hop.url.href;
  trace.redirectedFrom = hop === call ? undefined : call.url.href;
  trace.status = undefined;
  trace.headers = undefined;
}
