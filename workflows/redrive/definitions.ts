import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { RedriveProgress } from '../../common/redrive/types.js';

export const pauseSignal = defineSignal<RawValue[]>('pause');
export const resumeSignal = defineSignal<RawValue[]>('resume');
export const setRateSignal = defineSignal<RawValue[]>('setRate');
export const cancelSignal = defineSignal<RawValue[]>('cancel');

export const progressQuery = defineQuery<RedriveProgress>('progress');
