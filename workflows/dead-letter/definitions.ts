import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { ARGUMENTS_SIGNAL, FAILED_AGAIN_SIGNAL, SUCCEEDED_SIGNAL } from '../../common/contract.js';
import type { DeadLetterState, RequestOutcome } from '../../common/dead-letter/record.js';

export const argumentsSignal = defineSignal<RawValue[]>(ARGUMENTS_SIGNAL);
export const failedAgainSignal = defineSignal<RawValue[]>(FAILED_AGAIN_SIGNAL);
export const succeededSignal = defineSignal<RawValue[]>(SUCCEEDED_SIGNAL);
export const replaySignal = defineSignal<RawValue[]>('replay');
export const resolveSignal = defineSignal<RawValue[]>('resolve');
export const discardSignal = defineSignal<RawValue[]>('discard');

export const replayUpdate = defineUpdate<RequestOutcome, RawValue[]>('replay');
export const resolveUpdate = defineUpdate<RequestOutcome, RawValue[]>('resolve');
export const discardUpdate = defineUpdate<RequestOutcome, RawValue[]>('discard');

export const deadLetterQuery = defineQuery<DeadLetterState>('deadLetter');
