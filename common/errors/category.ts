/** What kind of trouble an error is. APILinker's categories; strategies are chosen by them. */
export const ErrorCategory = {
  NETWORK: 'NETWORK',
  AUTHENTICATION: 'AUTH',
  VALIDATION: 'VALIDATION',
  TIMEOUT: 'TIMEOUT',
  RATE_LIMIT: 'RATE_LIMIT',
  SERVER: 'SERVER',
  CLIENT: 'CLIENT',
  MAPPING: 'MAPPING',
  PLUGIN: 'PLUGIN',
  UNKNOWN: 'UNKNOWN',
} as const;
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

export function isErrorCategory(value: unknown): value is ErrorCategory {
  return (Object.values(ErrorCategory) as unknown[]).includes(value);
}
