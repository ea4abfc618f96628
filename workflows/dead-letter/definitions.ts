import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { ARGUMENTS_SIGNAL } from '../../common/contract.js';
import type { DeadLetterState, RequestOutcome } from '../../common/dead-letter/record.js';
import { RAW_INPUTS } from '../../common/payload/raw-inputs.js';

const rawInput = { typeInfo: { inputTypes: RAW_INPUTS } };

export const argumentsSignal = defineSignal<RawValue[]>(ARGUMENTS_SIGNAL, rawInput);
export const replaySignal = defineSignal<RawValue[]>('replay', rawInput);
export const resolveSignal = defineSignal<RawValue[]>('resolve', rawInput);
export const discardSignal = defineSignal<RawValue[]>('discard', rawInput);

export const replayUpdate = defineUpdate<RequestOutcome, RawValue[]>('replay', rawInput);
export const resolveUpdate = defineUpdate<RequestOutcome, RawValue[]>('resolve', rawInput);
export const discardUpdate = defineUpdate<RequestOutcome, RawValue[]>('discard', rawInput);

export const deadLetterQuery = defineQuery<DeadLetterState>('deadLetter');
