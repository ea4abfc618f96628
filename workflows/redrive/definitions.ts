import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import { RAW_INPUTS } from '../../common/payload/raw-inputs.js';
import type { RedriveProgress } from '../../common/redrive/types.js';

const rawInput = { typeInfo: { inputTypes: RAW_INPUTS } };

export const pauseSignal = defineSignal<RawValue[]>('pause', rawInput);
export const resumeSignal = defineSignal<RawValue[]>('resume', rawInput);
export const setRateSignal = defineSignal<RawValue[]>('setRate', rawInput);
export const cancelSignal = defineSignal<RawValue[]>('cancel', rawInput);

export const progressQuery = defineQuery<RedriveProgress>('progress');
