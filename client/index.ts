/**
 * `temporal-recovery/client`: find, inspect and replay dead letters, singly or in thousands; circuit breakers.
 * @module
 */

export {
  type AddItemOptions,
  type DeadLetterItem,
  DeadLetterQueue,
  type DeadLetterQueueOptions,
  type GetItemsOptions,
  type RetryItemResult,
} from '../apilinker/dead-letter-queue.js';
export {
  type BreakerOrder,
  type BreakerSnapshot,
  type BreakerStatus,
  CircuitBreakerState,
  type ResumeOrder,
  type ShownFlood,
  type ShownThrottle,
} from '../common/circuit-breaker/index.js';
export { type OriginCounts, type OriginSeen, OriginStatus } from '../common/dead-letter/origin-status.js';
export type {
  DeadLetterRecord,
  DeadLetterState,
  RequestOutcome,
  RestoreOutcome,
  StoryEntry,
} from '../common/dead-letter/record.js';
export { DeadLetterStatus } from '../common/dead-letter/record.js';
export type { DiscardRequest, ReplayRequest, ResolveRequest } from '../common/dead-letter/requests.js';
export { shortLetterId } from '../common/dead-letter/short-id.js';
export type {
  EarlierGroup,
  GroupCount,
  GroupSnapshot,
  GroupStoryEntry,
} from '../common/dead-letter-group/messages.js';
export type { GroupOrder, GroupRedriveOrder, MuteOrder } from '../common/dead-letter-group/orders.js';
export {
  GroupDefault,
  type GroupPreset,
  GroupStatus,
  type SampleLetter,
} from '../common/dead-letter-group/state.js';
export type {
  ErrorCount,
  ErrorFilter,
  FleetErrorSummary,
  TopErrorsQuery,
} from '../common/error-analytics/error-query.js';
export type { Limit, LimitInput, LimitSettings, LimitWindow, Share } from '../common/limit/limit.js';
export type { LimitSnapshot, ShownKey } from '../common/limit/messages.js';
export type { LimitOrder, SetLimitOrder } from '../common/limit/orders.js';
export type { ShownChange, ShownStated } from '../common/limit/rules.js';
export type { ArgumentsTransform, JsonPatchOperation } from '../common/redrive/types.js';
export {
  type LetterOutcome,
  RedriveAction,
  type RedriveGroup,
  type RedriveProgress,
  type RedriveReport,
  RedriveStatus,
  type TransformPreview,
} from '../common/redrive/types.js';
export { BreakerHandle, type BreakerSummary, type Breakers } from './circuit-breaker/breakers.js';
export type { DeadLetterFilter } from './dead-letter/filter.js';
export type { DeadLetterGroup, GroupsOptions } from './dead-letter/groups.js';
export { type DeadLetterDescription, DeadLetterHandle } from './dead-letter/handle.js';
export type { DeadLetterSummary, ListOptions } from './dead-letter/listing.js';
export {
  type DeadLetterGroups,
  GroupHandle,
  type GroupSummary,
  type ListGroupsOptions,
} from './dead-letter-group/groups.js';
export type { FleetErrorsClient } from './error-analytics/fleet-errors.js';
export * from './errors.js';
export {
  type LimitChangeOptions,
  LimitHandle,
  type LimitSummary,
  type Limits,
} from './limit/limits.js';
export type { QueueLimitRequest } from './limit/queue-limit.js';
export {
  type DeadLetters,
  RecoveryClient,
  type RecoveryClientOptions,
  type Redrives,
} from './recovery-client.js';
export { RedriveHandle } from './redrive/handle.js';
export type { RedriveSummary, StartRedriveOptions } from './redrive/redrives.js';
export type { RedriveRequest } from './redrive/request.js';
export type { WaitingCall, WaitingCalls, WaitingCallsFilter } from './waiting/waiting-calls.js';
