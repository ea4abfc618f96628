import type { CallRecovery } from '../../common/failing-call/call-header.js';
import type { KeptAnswers } from '../../common/strategies/read.js';

/** What workflow code says about the recovery of a call. */
export interface RecoveryOfCall {
  /** What travels with the call. */
  readonly header: CallRecovery;
  /** What stays here. */
  readonly answers: KeptAnswers;
}

/** Key in activity options. A symbol: interceptors that copy options keep it, and nobody else meets it. */
const RECOVERY: unique symbol = Symbol.for('temporal-recovery.call') as never;

/** Says of options that the call is made by the recovery itself and has nobody behind it. */
const OWN: unique symbol = Symbol.for('temporal-recovery.own') as never;

export function withRecovery<T extends object>(options: T, recovery: RecoveryOfCall): T {
  return { ...options, [RECOVERY]: recovery };
}

export function recoveryOf(options: object): RecoveryOfCall | undefined {
  return (options as { [RECOVERY]?: RecoveryOfCall })[RECOVERY];
}

export function asOwn<T extends object>(options: T): T {
  return { ...options, [OWN]: true };
}

export function isOwn(options: object): boolean {
  return (options as { [OWN]?: boolean })[OWN] === true;
}
