/** Entry of the prebuilt bundle: every workflow of the recovery worker. */

export { circuitBreaker } from './circuit-breaker/circuit-breaker.js';
export { deadLetter } from './dead-letter/dead-letter.js';
export { redrive } from './redrive/redrive.js';
