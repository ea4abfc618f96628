export * from './admit.js';
export * from './config.js';
export { BreakerConfigError } from './config-error.js';
export { describeReason } from './describe.js';
export { REMEMBERED_EXECUTIONS } from './health.js';
export { breakerWorkflowId } from './id.js';
export * from './initial.js';
export { breakerDetails, describeShownFlood } from './markdown.js';
export * from './messages.js';
export { openTimeOf } from './open-time.js';
export {
  type BreakerOrder,
  MalformedOrderError,
  type OrderKind,
  parseOrder,
  type ResumeOrder,
} from './orders.js';
export * from './outcome.js';
export * from './override.js';
export {
  DEFAULT_BREAKER_CONFIG,
  FLEET_DEFAULTS,
  isFleetDefault,
  parseBreakerConfig,
} from './parse-config.js';
export { closeByTrial, record, trip } from './record.js';
export type { CallResult, Permit } from './result.js';
export {
  type FailedTrials,
  foldTrials,
  keepTransitions,
  notClosedSince,
  outageBegan,
} from './shown-transitions.js';
export * from './state.js';
export * from './state-name.js';
export { nextChangeAt, tick } from './tick.js';
