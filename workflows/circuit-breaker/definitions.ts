import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BreakerSnapshot, TrialAnswer } from '../../common/circuit-breaker/index.js';

export const reportSignal = defineSignal<RawValue[]>('report');
export const forceOpenSignal = defineSignal<RawValue[]>('forceOpen');
export const forceClosedSignal = defineSignal<RawValue[]>('forceClosed');
export const disableSignal = defineSignal<RawValue[]>('disable');
export const resetSignal = defineSignal<RawValue[]>('reset');
export const resumeSignal = defineSignal<RawValue[]>('resume');

export const acquireTrialUpdate = defineUpdate<TrialAnswer, RawValue[]>('acquireTrial');

export const stateQuery = defineQuery<BreakerSnapshot>('state');
