import { performance } from 'node:perf_hooks';
import { CircuitBreakerBase, type CircuitBreakerBaseOptions } from './circuit-breaker-base.js';

/** The rules (`BreakerConfigInput`, all optional), `onTransition`, and for tests `clock` and `random`. */
export type CircuitBreakerOptions = Omit<CircuitBreakerBaseOptions, 'clock' | 'random'> &
  Partial<Pick<CircuitBreakerBaseOptions, 'clock' | 'random'>>;

/** Never goes back, and yet close to the time of day, which `Retry-After` and transitions are read with. */
const monotonicClock = () => performance.timeOrigin + performance.now();

/**
 * A circuit breaker of this process. Five failures in a row open it for a minute unless configured otherwise.
 *
 * ```ts
 * const breaker = new CircuitBreaker('crm', { openTime: 30_000 });
 * const answer = await breaker.execute(() => fetchCustomer(id));
 * ```
 */
export class CircuitBreaker extends CircuitBreakerBase {
  /** @throws BreakerConfigError */
  constructor(name: string, options: CircuitBreakerOptions = {}) {
    super(name, {
      ...options,
      clock: options.clock ?? monotonicClock,
      random: options.random ?? Math.random,
    });
  }
}
