import type { ApiLinkerError } from './api-linker-error.js';
import { get } from './safe.js';

/** Shared by all copies of this package in a process. */
export const BRAND: unique symbol = Symbol.for('temporal-recovery.ApiLinkerError') as never;

/** Whether something is an `ApiLinkerError`, also one of another copy of this package. */
export function isApiLinkerError(value: unknown): value is ApiLinkerError {
  return get(value, BRAND) === true;
}
