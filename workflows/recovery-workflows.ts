/** Entry of the prebuilt bundle: every workflow of the recovery worker. */

export { circuitBreaker } from './circuit-breaker/circuit-breaker.js';
export { deadLetter } from './dead-letter/dead-letter.js';
export { deadLetterGroup } from './dead-letter-group/dead-letter-group.js';
export { errorAnalytics } from './error-analytics/error-analytics.js';
export { limit } from './limit/limit.js';
export { redrive } from './redrive/redrive.js';
