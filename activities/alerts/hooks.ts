import type { AlertEvent, AlertKind } from '../../common/alerts/alert-event.js';

/** What a hook receives beside its events. */
export interface AlertContext {
  /** Names the delivery: the same where it is tried again. */
  readonly batch: string;
  /** Namespace of the letters and circuit breakers. */
  readonly namespace: string;
  /** From 1; it may begin again while a hook fails for long. */
  readonly attempt: number;
}

/**
 * Receives the events of a minute, at least once. If it throws, it is called again with the same events, at first after some
 * seconds, then every minute, for a day. Other hooks do not wait for it. A call that takes longer than 30 seconds has failed. It
 * runs in the process of a recovery worker.
 */
export type AlertHook<E extends AlertEvent = AlertEvent> = (
  events: readonly E[],
  context: AlertContext,
) => unknown;

/** A hook with the kinds it receives, and the option that it stands at. */
export interface NamedHook {
  readonly name: string;
  readonly kinds: readonly AlertKind[];
  readonly hook: AlertHook;
}

/** Limits of a dead-letter queue, above which there is an alert. */
export interface QueueLimits {
  readonly maxLetters: number;
  readonly maxAgeMs: number;
}

/** The hooks of this process. */
export interface HooksHere {
  readonly hooks: readonly NamedHook[];
  readonly limitsOf: (queue: string) => QueueLimits;
}
