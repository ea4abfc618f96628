import type { ErrorCategory } from './category.js';

/** An `ApiLinkerError` as plain JSON, in APILinker's order. Fields that are not known are left out. */
export interface ErrorJson {
  readonly message: string;
  readonly errorCategory: ErrorCategory;
  readonly statusCode?: number;
  readonly responseBody?: string;
  readonly requestUrl?: string;
  readonly requestMethod?: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly operationId?: string;
  readonly correlationId?: string;
  readonly additionalContext: Readonly<Record<string, unknown>>;
  /** Class or type of the original error. */
  readonly errorType?: string;
  readonly stack?: string;
}
