import type { ErrorCategory } from './category.js';
import type { Redactor } from './redaction/redaction.js';

export interface ApiLinkerErrorOptions {
  /** UNKNOWN, unless given. */
  errorCategory?: ErrorCategory;
  statusCode?: number;
  responseBody?: string;
  requestUrl?: string;
  requestMethod?: string;
  /** ISO time; now, unless given. */
  timestamp?: string;
  operationId?: string;
  correlationId?: string;
  additionalContext?: Record<string, unknown>;
  /** Class or type of the original error. */
  errorType?: string;
  stack?: string;
}

export interface FromExceptionOverrides extends ApiLinkerErrorOptions {
  /** Instead of the error's own message. */
  message?: string;
  /** Asked first; undefined, a throw or anything that is no category leaves it to the built-in rules. */
  classify?: (error: unknown) => ErrorCategory | undefined;
  redactor?: Redactor;
}
