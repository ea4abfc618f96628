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

export function isErrorCategory(value: unknown): value is ErrorCategory {
  return (Object.values(ErrorCategory) as unknown[]).includes(value);
}
