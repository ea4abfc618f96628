import type { RawValue } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { GroupSnapshot } from '../../common/dead-letter-group/messages.js';

export const reportSignal = defineSignal<RawValue[]>('report');
export const noteSignal = defineSignal<RawValue[]>('note');
export const assignSignal = defineSignal<RawValue[]>('assign');
export const linkSignal = defineSignal<RawValue[]>('link');
export const muteSignal = defineSignal<RawValue[]>('mute');
export const unmuteSignal = defineSignal<RawValue[]>('unmute');
export const resolveSignal = defineSignal<RawValue[]>('resolve');
export const setDefaultSignal = defineSignal<RawValue[]>('setDefault');
export const redriveSignal = defineSignal<RawValue[]>('redrive');

export const groupQuery = defineQuery<GroupSnapshot>('group');
