import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { LeaseAnswer, LimitSnapshot } from '../../common/limit/messages.js';

export const leaseUpdate = defineUpdate<LeaseAnswer, RawValue[]>('lease');
export const setLimitSignal = defineSignal<RawValue[]>('setLimit');
export const clearLimitSignal = defineSignal<RawValue[]>('clearLimit');
export const stateQuery = defineQuery<LimitSnapshot>('state');
