import { ApplicationFailure } from '@temporalio/common';
import {
  ApiLinkerError,
  type ApiLinkerErrorOptions,
  defaultRedactor,
  ErrorCategory,
} from '../../common/errors/index.js';
import { correlationIdOf } from '../../common/errors/request.js';
import { beginning } from '../../common/text/text.js';

/** What went wrong, beside the category. */
export type ApiRequestFailure =
  | 'request' // never sent: it cannot be used as it is
  | 'address' // refused: link-local or metadata
  | 'redirect' // refused: too many, to another scheme, or not wanted
  | 'network'
  | 'timeout'
  | 'status'
  | 'size'
  | 'encoding'
  | 'json'
  | 'schema';

/** What is known of a request while it runs, for the error that may come. */
export interface Trace {
  method: string;
  url: string;
  /** The URL that was asked first, once a redirect was followed. */
  redirectedFrom?: string;
  sent?: Readonly<Record<string, string>>;
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/** Those a reader of the dead letter, or the wait before the next attempt, has use for. */
const TELLING =
  /^(?:retry-after|x-ms-retry-after-ms|retry-after-ms|(?:x-)?rate-?limit|content-type|date|via|server|cf-ray|x-cache|[\w-]*request-?id|[\w-]*correlation-?id|traceparent)/;
const MAX_BODY = 8_000;

/** A request that failed. Free of secrets: nothing more has to be taken out before it is shown. */
export class ApiRequestError extends ApiLinkerError {
  /** What went wrong; also in `additionalContext.failure`. */
  readonly failure: ApiRequestFailure;
  /** Where `retryAfterMs` and classifiers look. */
  readonly response?: { readonly status: number; readonly headers: Readonly<Record<string, string>> };

  constructor(
    message: string,
    failure: ApiRequestFailure,
    {
      errorCategory,
      cause,
      ...context
    }: { errorCategory: ErrorCategory; cause?: unknown; additionalContext?: Record<string, unknown> },
    trace: Partial<Trace> = {},
  ) {
    const { status, headers, redirectedFrom } = trace;
    const telling = defaultRedactor.headers(
      Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => TELLING.test(name))),
    );
    super(defaultRedactor.text(message), {
      errorCategory,
      ...describe(trace),
      additionalContext: {
        failure,
        ...context.additionalContext,
        ...(redirectedFrom === undefined ? {} : { redirectedFrom: defaultRedactor.url(redirectedFrom) }),
        ...(headers === undefined ? {} : { responseHeaders: telling }),
      },
      errorType: 'ApiRequestError',
    });
    this.failure = failure;
    if (cause !== undefined) this.cause = cause;
    if (status !== undefined) this.response = { status, headers: telling };
  }
}

function describe({ method, url, sent, status, headers, body }: Partial<Trace>): ApiLinkerErrorOptions {
  return {
    statusCode: status,
    requestMethod: method,
    requestUrl: url === undefined ? undefined : defaultRedactor.url(url),
    responseBody: body === undefined ? undefined : defaultRedactor.body(beginning(body, MAX_BODY)),
    correlationId: correlationIdOf([{ response: { headers }, config: { headers: sent } }]),
  };
}

/** A request that cannot be used: no attempt can change that, whatever the retry policy says. */
export function invalidRequest(message: string, method?: string): ApplicationFailure {
  const cause = new ApiRequestError(
    message,
    'request',
    { errorCategory: ErrorCategory.VALIDATION },
    { method },
  );
  return ApplicationFailure.create({
    message: cause.message,
    type: 'ApiRequestError',
    nonRetryable: true,
    cause,
  });
}
