/** Time and chance, as tests can replace them. Milliseconds; monotonic. */
export interface Timers {
  now(): number;
  set(then: () => void, ms: number): unknown;
  clear(timer: unknown): void;
  /** From 0 to below 1. */
  random(): number;
}

export const REAL_TIMERS: Timers = {
  now: () => performance.now(),
  set: (then, ms) => setTimeout(then, ms),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
  random: Math.random,
};
