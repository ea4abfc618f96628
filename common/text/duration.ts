import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';

export type { Duration };

/** Milliseconds of a duration as Temporal writes it (`1500`, `'5 minutes'`); undefined for anything else. */
export function readDuration(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  try {
    const milliseconds = msToNumber(value as Duration);
    return Number.isFinite(milliseconds) ? milliseconds : undefined;
  } catch {
    return undefined;
  }
}
