import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import { ALERT_SIGNAL, RECORD_SIGNAL, WATCH_SIGNAL } from '../../common/contract.js';
import type { ErrorCount, FleetErrorSummary } from '../../common/error-analytics/error-query.js';

export const recordSignal = defineSignal<RawValue[]>(RECORD_SIGNAL);
export const alertSignal = defineSignal<RawValue[]>(ALERT_SIGNAL);
export const watchSignal = defineSignal<RawValue[]>(WATCH_SIGNAL);

export const summaryQuery = defineQuery<FleetErrorSummary, RawValue[]>('summary');
export const errorRateQuery = defineQuery<number, RawValue[]>('errorRate');
export const topErrorsQuery = defineQuery<ErrorCount[], RawValue[]>('topErrors');
