import { type RawValue, rawValueTypeInfo, type TypeInfo } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { RedriveProgress } from '../../common/redrive/types.js';

/** Inputs are read by our own code: one the SDK cannot decode would wedge the workflow. */
const RAW: readonly TypeInfo[] = new Array(16).fill(rawValueTypeInfo);
const rawInput = { typeInfo: { inputTypes: RAW } };

export const pauseSignal = defineSignal<RawValue[]>('pause', rawInput);
export const resumeSignal = defineSignal<RawValue[]>('resume', rawInput);
export const setRateSignal = defineSignal<RawValue[]>('setRate', rawInput);
export const cancelSignal = defineSignal<RawValue[]>('cancel', rawInput);

export const progressQuery = defineQuery<RedriveProgress>('progress');
