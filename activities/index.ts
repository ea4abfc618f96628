/**
 * `temporal-recovery/activity`: for the code of your activities.
 * @module
 */
export { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.js';
export { idempotencyKey, type OriginInfo, originInfo } from './origin.js';
