import { defaultPayloadConverter, type RawValue } from '@temporalio/common';
import type { DeadLetterStatus } from '../../common/dead-letter/record.js';
import { isTooDeep } from '../../common/payload/json-depth.js';

/** How a letter ended. */
export interface DeadLetterOutcome {
  readonly status: DeadLetterStatus;
  readonly by?: string;
  readonly reason?: string;
  readonly replays: number;
  /** Result of the successful replay or of `resolve`, where it can be shown as JSON. */
  readonly result?: unknown;
}

/** A result as JSON, for people. */
export function showable(value: RawValue | undefined): unknown {
  if (value === undefined) return undefined;
  try {
    const decoded = defaultPayloadConverter.fromPayload(value.payload);
    if (isTooDeep(decoded)) return '(nested too deep to be shown)';
    return JSON.stringify(decoded).length <= 100_000 ? decoded : '(too large to show)';
  } catch {
    return '(in a format only the worker of the activity can read)';
  }
}
