/** Time, as tests can replace it. Milliseconds; monotonic. */
export interface Timers {
  now(): number;
  set(then: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

export const REAL_TIMERS: Timers = {
  now: () => performance.now(),
  set: (then, ms) => setTimeout(then, ms),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
