import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BreakerSnapshot, TrialAnswer } from '../../common/circuit-breaker/index.js';
import { RAW_INPUTS } from '../../common/payload/raw-inputs.js';

const rawInput = { typeInfo: { inputTypes: RAW_INPUTS } };

export const reportSignal = defineSignal<RawValue[]>('report', rawInput);
export const forceOpenSignal = defineSignal<RawValue[]>('forceOpen', rawInput);
export const forceClosedSignal = defineSignal<RawValue[]>('forceClosed', rawInput);
export const disableSignal = defineSignal<RawValue[]>('disable', rawInput);
export const resetSignal = defineSignal<RawValue[]>('reset', rawInput);

export const acquireTrialUpdate = defineUpdate<TrialAnswer, RawValue[]>('acquireTrial', rawInput);

export const stateQuery = defineQuery<BreakerSnapshot>('state');
