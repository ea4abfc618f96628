import { type RawValue, rawValueTypeInfo, type TypeInfo } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BreakerSnapshot, TrialAnswer } from '../../common/breaker/index.js';

/** Inputs are read by our own code: one the SDK cannot decode would wedge the workflow. */
const RAW: readonly TypeInfo[] = new Array(16).fill(rawValueTypeInfo);
const rawInput = { typeInfo: { inputTypes: RAW } };

export const reportSignal = defineSignal<RawValue[]>('report', rawInput);
export const forceOpenSignal = defineSignal<RawValue[]>('forceOpen', rawInput);
export const forceClosedSignal = defineSignal<RawValue[]>('forceClosed', rawInput);
export const disableSignal = defineSignal<RawValue[]>('disable', rawInput);
export const resetSignal = defineSignal<RawValue[]>('reset', rawInput);

export const acquireTrialUpdate = defineUpdate<TrialAnswer, RawValue[]>('acquireTrial', rawInput);

export const stateQuery = defineQuery<BreakerSnapshot>('state');
