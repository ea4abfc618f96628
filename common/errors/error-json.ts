import type { ErrorCategory } from './category.js';

/** An `ApiLinkerError` as plain JSON, in APILinker's order. Fields that are not known are left out. */
export interface ErrorJson {
  /** Message of the error. */
  readonly message: string;
  /** What kind of trouble it is; UNKNOWN where no rule knows the error. */
  readonly errorCategory: ErrorCategory;
  /** HTTP status, or its equivalent in another protocol. */
  readonly statusCode?: number;
  /** Body of the answer as text. */
  readonly responseBody?: string;
  /** URL that was requested. */
  readonly requestUrl?: string;
  /** HTTP method of the request, such as `POST`. */
  readonly requestMethod?: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** Id of the operation that failed, as the caller gave it. */
  readonly operationId?: string;
  /** Id under which the service knows the call. */
  readonly correlationId?: string;
  /** Whatever else is known of the error, by name; empty without any. */
  readonly additionalContext: Readonly<Record<string, unknown>>;
  /** Class or type of the original error. */
  readonly errorType?: string;
  /** Stack of the error, at most 4,000 characters. */
  readonly stack?: string;
}
