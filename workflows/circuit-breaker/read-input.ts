import type { RawValue } from '@temporalio/common';
import type { BreakerReport, TrialRequest } from '../../common/breaker/index.js';
import { readJson } from '../read-json.js';

/** Workers write reports, but a signal can be sent by anybody. */
export function readReport(input: readonly RawValue[]): BreakerReport | undefined {
  const value = readJson(input) as BreakerReport | undefined;
  const isReport =
    typeof value === 'object' &&
    value !== null &&
    value.v === 1 &&
    typeof value.worker === 'string' &&
    Number.isSafeInteger(value.sequence) &&
    Array.isArray(value.results) &&
    typeof value.config === 'object' &&
    typeof value.configuredAt === 'string';
  return isReport ? value : undefined;
}

export function readTrialRequest(input: readonly RawValue[]): TrialRequest {
  const value = readJson(input) as TrialRequest | undefined;
  if (typeof value !== 'object' || value === null || value.v !== 1 || typeof value.worker !== 'string') {
    throw new TypeError('acquireTrial is for workers: {"v": 1, "worker": "…"} is expected');
  }
  return value;
}
