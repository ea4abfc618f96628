/**
 * `temporal-recovery/testing`: dead letters, circuit breakers, quotas and failing activities in tests of your own.
 * @module
 */

export {
  connectionReset,
  type HttpFailureOptions,
  hang,
  http,
  type InjectedFailure,
  rateLimited,
} from '../activities/injected-failures/failures.js';
export type { DeadLetterExpectation, TestLetter } from './expectation.js';
export {
  type ActivityOf,
  type FailingActivity,
  type FailingRecipe,
  type Failure,
  failing,
} from './failing.js';
export {
  RecoveryTest,
  startRecoveryTest,
  type TestConnections,
  type TestPluginOptions,
} from './recovery-test.js';
export type { ExhaustOptions, TestBreakers, TestQuotas } from './test-breakers.js';
