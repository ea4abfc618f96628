import type { Payload } from '@temporalio/common';
import type { CallRecovery } from '../../common/failing-call/call-header.js';
import type { KeptAnswers } from '../../common/strategies/read.js';

/** What workflow code says about the recovery of a call. */
export interface RecoveryOfCall {
  /** What travels with the call. */
  readonly header: CallRecovery;
  /** What stays here. */
  readonly answers: KeptAnswers;
}

/** Key in activity options. A symbol: interceptors that copy options keep it, and other code does not see it. */
const RECOVERY: unique symbol = Symbol.for('temporal-recovery.call') as never;

/** Marks options of a call that the recovery makes itself, without a caller. */
const OWN: unique symbol = Symbol.for('temporal-recovery.own') as never;

/** Headers of the failed call, for the local activity that decides on it. */
const HEADERS: unique symbol = Symbol.for('temporal-recovery.headers') as never;

export function withRecovery<T extends object>(options: T, recovery: RecoveryOfCall): T {
  return { ...options, [RECOVERY]: recovery };
}

export function recoveryOf(options: object): RecoveryOfCall | undefined {
  return (options as { [RECOVERY]?: RecoveryOfCall })[RECOVERY];
}

export function withHeaders<T extends object>(options: T, headers: Record<string, Payload>): T {
  return { ...options, [HEADERS]: headers };
}

export function headersIn(options: object): Record<string, Payload> | undefined {
  return (options as { [HEADERS]?: Record<string, Payload> })[HEADERS];
}

export function asOwn<T extends object>(options: T): T {
  return { ...options, [OWN]: true };
}

export function isOwn(options: object): boolean {
  return (options as { [OWN]?: boolean })[OWN] === true;
}
