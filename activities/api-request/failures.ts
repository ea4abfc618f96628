import { CancelledFailure } from '@temporalio/common';
import { classifyError, ErrorCategory } from '../../common/errors/index.js';
import { AddressRefusedError } from './agents.js';
import { TooLarge, UnknownEncoding } from './body.js';
import { ApiRequestError, type ApiRequestFailure, type Trace } from './error.js';
import { RedirectRefused } from './hops.js';
import { type RequestScope, TimedOut } from './scope.js';

const { CLIENT, SERVER, TIMEOUT, UNKNOWN } = ErrorCategory;

/** The failure of a request from whatever its connection, redirects or body threw. */
export function failureOf(error: unknown, trace: Trace): unknown {
  if (error instanceof ApiRequestError || error instanceof TimedOut) return error;
  const fail = (message: string, failure: ApiRequestFailure, errorCategory: ErrorCategory) =>
    new ApiRequestError(`${message} (${whereOf(trace)})`, failure, { errorCategory, cause: error }, trace);
  const message = messageOf(error);
  if (error instanceof TooLarge) return fail(message, 'size', CLIENT);
  if (error instanceof RedirectRefused) return fail(message, 'redirect', CLIENT);
  if (error instanceof AddressRefusedError) return fail(message, 'address', CLIENT);
  if (error instanceof UnknownEncoding) return fail(message, 'encoding', SERVER);
  if (isDecoderError(error))
    return fail(`The answer is not encoded as it says: ${message}`, 'encoding', SERVER);
  const { category } = classifyError(error);
  const network = category === UNKNOWN ? ErrorCategory.NETWORK : category;
  return fail(`Request failed: ${message}`, network === TIMEOUT ? 'timeout' : 'network', network);
}

/** What is thrown instead, when the request was ended by its time-out or by the activity's cancellation. */
export function endOf({ signal }: RequestScope, error: unknown, trace: Trace): unknown {
  const reason: unknown = signal.reason;
  if (reason instanceof CancelledFailure) return reason;
  // A bad status says more, though its body did not come in time.
  const isStatus = error instanceof ApiRequestError && error.failure === 'status';
  if (!(reason instanceof TimedOut) || isStatus) return error;
  const details = { errorCategory: TIMEOUT, cause: reason };
  return new ApiRequestError(
    `Request timed out: ${reason.message} (${whereOf(trace)})`,
    'timeout',
    details,
    trace,
  );
}

export function statusFailure(expected: readonly (number | string)[], trace: Trace): ApiRequestError {
  const { status = 0, headers } = trace;
  const { category } = classifyError({ status, response: { status, headers } });
  return new ApiRequestError(
    `Request failed with status code ${status} (${whereOf(trace)})`,
    'status',
    { errorCategory: category, additionalContext: { expectedStatus: expected } },
    trace,
  );
}

export function bodyFailure(
  failure: 'json' | 'schema',
  message: string,
  trace: Trace,
  cause?: unknown,
): ApiRequestError {
  const errorCategory = failure === 'json' ? SERVER : ErrorCategory.VALIDATION;
  return new ApiRequestError(`${message} (${whereOf(trace)})`, failure, { errorCategory, cause }, trace);
}

/** Without the query, which says little and may be long. */
function whereOf({ method, url }: Trace): string {
  return `${method} ${url.replace(/\?.*$/, '')}`;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return error.message || (first instanceof Error ? first.message : error.name);
}

/** `Z_DATA_ERROR`, `Z_BUF_ERROR` for a body that ends too early, `ERR__ERROR_FORMAT_…` and so on of Brotli. */
function isDecoderError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(?:Z_|ERR__ERROR_|ERR_BROTLI)/.test(code);
}
