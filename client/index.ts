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
export * from './errors.js';
export {
  type DeadLetters,
  RecoveryClient,
  type RecoveryClientOptions,
  type Redrives,
} from './recovery-client.js';
export { RedriveHandle } from './redrive/handle.js';
export type { RedriveSummary, StartRedriveOptions } from './redrive/redrives.js';
export type { RedriveRequest } from './redrive/request.js';
