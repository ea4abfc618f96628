import type { ErrorCategory } from './category.js';
import type { Redactor } from './redaction/redaction.js';

/** Fields of a new `ApiLinkerError`; all are optional. */
export interface ApiLinkerErrorOptions {
  /** UNKNOWN, unless given. */
  errorCategory?: ErrorCategory;
  /** HTTP status, or its equivalent in another protocol. */
  statusCode?: number;
  /** Body of the answer as text. */
  responseBody?: string;
  /** URL that was requested. */
  requestUrl?: string;
  /** HTTP method of the request, such as `POST`. */
  requestMethod?: string;
  /** ISO time; now, unless given. */
  timestamp?: string;
  /** Id of the operation that failed, of any form. */
  operationId?: string;
  /** Id under which the service knows the call. */
  correlationId?: string;
  /** Whatever else is known of the error, by name; empty, unless given. */
  additionalContext?: Record<string, unknown>;
  /** Class or type of the original error. */
  errorType?: string;
  /** Instead of the stack of the new error. */
  stack?: string;
}

/** What is known beside the error that was thrown; each field wins over what the error says. */
export interface FromExceptionOverrides extends ApiLinkerErrorOptions {
  /** Instead of the error's own message. */
  message?: string;
  /** Asked first; undefined, a throw or anything that is no category leaves it to the built-in rules. */
  classify?: (error: unknown) => ErrorCategory | undefined;
  /** Takes secrets out of all text. @default `defaultRedactor` */
  redactor?: Redactor;
}
