/** What may be injected, in the order in which it is drawn. */
export const CHAOS_KINDS = [
  'unavailable',
  'rateLimited',
  'hang',
  'reset',
  'lostResponse',
  'invalid',
] as const;

/**
 * An injected failure: `unavailable` (503), `rateLimited` (429 with `Retry-After`), `hang` (no answer until the
 * start-to-close time-out), `reset` (the connection is closed), `lostResponse` (the same, after the activity was carried
 * out), `invalid` (422, in every attempt and every replay of the call).
 */
export type ChaosKind = (typeof CHAOS_KINDS)[number];

/** Failures that workers inject on purpose. For staging. */
export interface ChaosOptions {
  /** Share of attempts that fail: above 0, at most 1. */
  rate: number;
  /** What is injected, each kind in an equal share. @default all kinds */
  kinds?: ChaosKind[];
  /** Operations or activity types whose calls are affected; `*` is any text. @default all */
  operations?: string[];
  /**
   * The same seed gives the same failures to the same calls, which are known by workflow id and activity id.
   * @default made at random, and logged when the worker starts
   */
  seed?: string;
  /**
   * Namespaces that may be affected although their name contains `prod` or `live`.
   * @default none
   */
  allowInNamespaces?: string[];
}

export interface ParsedChaos {
  readonly rate: number;
  readonly kinds: readonly ChaosKind[];
  readonly operations: ReadonlyMap<string, true>;
  readonly seed: string;
  readonly allowInNamespaces: readonly string[];
}
