import { beginning } from '../text/text.js';
import { BRAND, hasBrand } from './brand.js';
import { ErrorCategory } from './category.js';
import type { ErrorJson } from './error-json.js';
import type { ApiLinkerErrorOptions, FromExceptionOverrides } from './error-options.js';
import { describeException } from './from-exception.js';
import { plainJson } from './plain-json.js';

const MAX_STACK = 4_000;

/** A classified error with what is known of the request. As in APILinker, with fields in camel case. */
export class ApiLinkerError extends Error {
  /** Always `ApiLinkerError`. */
  override readonly name = 'ApiLinkerError';
  /** What kind of trouble it is; UNKNOWN where no rule knows the error. */
  readonly errorCategory: ErrorCategory;
  /** HTTP status of the answer, or the equivalent of another protocol; undefined where there was none. */
  readonly statusCode?: number;
  /** Body of the answer as text; undefined where the client has not read it. */
  readonly responseBody?: string;
  /** URL that was requested; undefined where the error does not name it. */
  readonly requestUrl?: string;
  /** HTTP method of the request, such as `POST`; undefined where the error does not name it. */
  readonly requestMethod?: string;
  /** When it occurred; ISO 8601. */
  readonly timestamp: string;
  /** Id of the operation that failed, as the caller gave it. */
  readonly operationId?: string;
  /** Id under which the service knows the call, from headers such as `x-request-id` or from the error. */
  readonly correlationId?: string;
  /** Whatever else is known of the error, by name; empty without any. */
  readonly additionalContext: Record<string, unknown>;
  /** Class or type of the original error, such as `AxiosError`. */
  readonly errorType?: string;

  /** Takes everything as it is: nothing is redacted or cut here, as it is in `fromException`. */
  constructor(message: string, options: ApiLinkerErrorOptions = {}) {
    super(message);
    Object.defineProperty(this, BRAND, { value: true });
    this.errorCategory = options.errorCategory ?? ErrorCategory.UNKNOWN;
    this.statusCode = options.statusCode;
    this.responseBody = options.responseBody;
    this.requestUrl = options.requestUrl;
    this.requestMethod = options.requestMethod;
    // The one clock in common/: an error is made where it happens. Callers with a clock of their own pass it.
    this.timestamp = options.timestamp ?? new Date().toISOString();
    this.operationId = options.operationId;
    this.correlationId = options.correlationId;
    this.additionalContext = options.additionalContext ?? {};
    this.errorType = options.errorType;
    if (options.stack !== undefined) this.stack = options.stack;
  }

  /**
   * Classifies anything that was thrown. Never throws. Text is freed of secrets and cut (body 1,000, message 2,000
   * characters), overrides included; an override wins over what the error says, in every field. An `ApiLinkerError`, of whatever copy of this package, keeps its category and
   * its fields.
   */
  static fromException(error: unknown, overrides: FromExceptionOverrides = {}): ApiLinkerError {
    const { message, ...options } = describeException(error, overrides);
    return new ApiLinkerError(message, options);
  }

  /** Plain JSON: fields that are undefined are left out, the stack is cut at 4,000 characters. */
  toJSON(): ErrorJson {
    const { message, errorCategory, statusCode, responseBody, requestUrl, requestMethod, timestamp } = this;
    const { operationId, correlationId, errorType } = this;
    const json: ErrorJson = {
      message,
      errorCategory,
      statusCode,
      responseBody,
      requestUrl,
      requestMethod,
      timestamp,
      operationId,
      correlationId,
      additionalContext: (plainJson(this.additionalContext) ?? {}) as Record<string, unknown>,
      errorType,
      stack: this.stack ? beginning(this.stack, MAX_STACK) : undefined,
    };
    return withoutUndefined(json);
  }

  /** Category and message, then status, request and correlation id, each only where it is known. */
  override toString(): string {
    const parts = [`[${this.errorCategory}] ${this.message}`];
    if (this.statusCode) parts.push(`Status: ${this.statusCode}`);
    if (this.requestMethod && this.requestUrl) parts.push(`${this.requestMethod} ${this.requestUrl}`);
    if (this.correlationId) parts.push(`Correlation ID: ${this.correlationId}`);
    return parts.join(' | ');
  }
}

/** Whether something is an `ApiLinkerError`, also one of another copy of this package. */
export function isApiLinkerError(value: unknown): value is ApiLinkerError {
  return hasBrand(value);
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
