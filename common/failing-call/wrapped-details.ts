import { DETAIL_KEY } from '../contract.js';
import type { AttemptLedger } from './attempt-ledger.js';
import { readLedger } from './read-detail.js';

interface WrappedDetails {
  readonly [DETAIL_KEY]: AttemptLedger;
  readonly details?: unknown;
}

export function wrapDetails(ledger: AttemptLedger, details: unknown): WrappedDetails {
  return details === undefined ? { [DETAIL_KEY]: ledger } : { [DETAIL_KEY]: ledger, details };
}

/** The ledger and the user's own details; details without a ledger are all the user's. */
export function unwrapDetails(value: unknown): { ledger: AttemptLedger | undefined; details: unknown } {
  if (typeof value === 'object' && value !== null && DETAIL_KEY in value) {
    const wrapped = value as WrappedDetails;
    const ledger = readLedger(wrapped[DETAIL_KEY]);
    if (ledger !== undefined) return { ledger, details: wrapped.details };
  }
  return { ledger: undefined, details: value };
}
