import { type RawValue, rawValueTypeInfo, type TypeInfo } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { ARGUMENTS_SIGNAL } from '../../common/contract.js';
import type { DeadLetterState, RequestOutcome } from '../../common/dead-letter/record.js';

/**
 * Inputs of signals are taken as raw payloads and read by our own code: an input the SDK cannot decode would fail
 * the workflow task again and again, and the letter could never be reached any more.
 */
const RAW: readonly TypeInfo[] = new Array(4096).fill(rawValueTypeInfo);
const rawInput = { typeInfo: { inputTypes: RAW } };

export const argumentsSignal = defineSignal<RawValue[]>(ARGUMENTS_SIGNAL, rawInput);
export const replaySignal = defineSignal<RawValue[]>('replay', rawInput);
export const resolveSignal = defineSignal<RawValue[]>('resolve', rawInput);
export const discardSignal = defineSignal<RawValue[]>('discard', rawInput);

export const replayUpdate = defineUpdate<RequestOutcome, RawValue[]>('replay', rawInput);
export const resolveUpdate = defineUpdate<RequestOutcome, RawValue[]>('resolve', rawInput);
export const discardUpdate = defineUpdate<RequestOutcome, RawValue[]>('discard', rawInput);

export const deadLetterQuery = defineQuery<DeadLetterState>('deadLetter');
