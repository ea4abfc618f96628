import { show } from '../text/show.js';
import { beginning } from '../text/text.js';
/** What can be told to a redrive that runs. */
export type RedriveOrderKind = 'pause' | 'resume' | 'setRate' | 'cancel';

export interface RedriveOrder {
  readonly by?: string;
  readonly reason?: string;
  /** Letters a second, for `setRate`. */
  readonly rate?: number;
}

/** Input an order cannot be understood by. The message names the field, the value and the fix. */
export class MalformedRedriveOrderError extends Error {
  override readonly name = 'MalformedRedriveOrderError';
}

const MIN_RATE = 0.01;
const MAX_RATE = 1_000;

/** @throws MalformedRedriveOrderError */
export function parseRedriveOrder(kind: RedriveOrderKind, input: unknown): RedriveOrder {
  // `temporal workflow signal --name setRate --input 5` is what a person tries first.
  const order = kind === 'setRate' && typeof input === 'number' ? { rate: input } : (input ?? {});
  if (typeof order !== 'object' || Array.isArray(order)) {
    throw new MalformedRedriveOrderError(`${kind}: expected ${example(kind)}; got ${show(input)}`);
  }
  const { by, reason, rate, ...unknown } = order as Record<string, unknown>;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) {
    throw new MalformedRedriveOrderError(`${kind}: unknown field "${stranger}"; expected ${example(kind)}`);
  }
  for (const [name, value] of Object.entries({ by, reason })) {
    if (value === undefined || value === null || typeof value === 'string') continue;
    throw new MalformedRedriveOrderError(`${kind}: ${name} must be a string; got ${show(value)}`);
  }
  if (kind === 'setRate' && !isRate(rate)) {
    throw new MalformedRedriveOrderError(
      `${kind}: rate must be a number from ${MIN_RATE} to ${MAX_RATE}, letters a second; got ${show(rate)}`,
    );
  }
  if (kind !== 'setRate' && rate !== undefined) {
    throw new MalformedRedriveOrderError(`${kind}: rate is for setRate; got ${show(rate)}`);
  }
  return {
    by: bounded(by as string | null | undefined),
    reason: bounded(reason as string | null | undefined),
    ...(rate === undefined ? {} : { rate: rate as number }),
  };
}

function isRate(rate: unknown): boolean {
  return typeof rate === 'number' && rate >= MIN_RATE && rate <= MAX_RATE;
}

function example(kind: RedriveOrderKind): string {
  return kind === 'setRate' ? '{"rate": 5, "by": "you"}' : '{"by": "you", "reason": "why"}';
}

function bounded(text: string | null | undefined): string | undefined {
  return text === null || text === undefined ? undefined : beginning(text, 1_000);
}
