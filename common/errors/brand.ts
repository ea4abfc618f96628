import { get } from './safe.js';

/** Shared by all copies of this package in a process. */
export const BRAND: unique symbol = Symbol.for('temporal-recovery.ApiLinkerError') as never;

export function hasBrand(value: unknown): boolean {
  return get(value, BRAND) === true;
}
