/** What kind of trouble an error is. APILinker's categories; strategies are chosen by them. */
export const ErrorCategory = {
  /** The service could not be reached, or the connection broke. */
  NETWORK: 'NETWORK',
  /** Credentials were not accepted, or a permission is missing. */
  AUTHENTICATION: 'AUTH',
  /** The service refused the content of the request. */
  VALIDATION: 'VALIDATION',
  /** No answer came in time. */
  TIMEOUT: 'TIMEOUT',
  /** The service limits how often it is called, and the limit is reached. */
  RATE_LIMIT: 'RATE_LIMIT',
  /** The service failed, or cannot do it at the moment. */
  SERVER: 'SERVER',
  /** The request was wrong in another way, such as a path that does not exist. */
  CLIENT: 'CLIENT',
  /** Data could not be converted from one form into another. */
  MAPPING: 'MAPPING',
  /** A plugin failed, or the activity of a replay is not registered any more. */
  PLUGIN: 'PLUGIN',
  /** No rule recognises the error. */
  UNKNOWN: 'UNKNOWN',
} as const;
/** A category of errors: one of the values of the constant of the same name. */
export type ErrorCategory = (typeof ErrorCategory)[keyof typeof ErrorCategory];

/**
 * The status by which a failure is judged. Token endpoints say 400 where others say 401 (RFC 6749 §5.2, `invalid_grant`),
 * and so does AWS: what is AUTH with status 400 says that credentials are no good.
 */
export function meantStatus(
  category: ErrorCategory,
  status: number | string | undefined,
): number | undefined {
  if (status === undefined) return undefined;
  return category === ErrorCategory.AUTHENTICATION && Number(status) === 400 ? 401 : Number(status);
}

/** Whether something is the value of a category, such as `AUTH`. */
export function isErrorCategory(value: unknown): value is ErrorCategory {
  return (Object.values(ErrorCategory) as unknown[]).includes(value);
}
