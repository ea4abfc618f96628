import type { RawValue } from '@temporalio/common';
import { scheduleActivity } from '@temporalio/workflow';
import { GROUP_ACTIVITIES as NAMES } from '../../common/contract.js';
import type { Deploy, DeployQuestion, RedriveEnd } from '../../common/dead-letter-group/deploy.js';
import type { GroupPlace } from '../../common/dead-letter-group/id.js';

/** Retries wait, not the activities: they take no slot of the worker, and make no history. */

export const awaitDeploy = (question: DeployQuestion): Promise<RawValue<Deploy>> =>
  scheduleActivity(NAMES.deploy, [question], {
    startToCloseTimeout: '30s',
    retry: { initialInterval: '5s', backoffCoefficient: 1.3, maximumInterval: '2 minutes' },
    summary: 'Waits until workers of another build run the activity',
  });

export const awaitRedrive = (id: string): Promise<RawValue<RedriveEnd>> =>
  scheduleActivity(NAMES.redrive, [id], {
    startToCloseTimeout: '30s',
    retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '30s' },
    summary: `Waits for ${id}`,
  });

export const countOpenLetters = (place: GroupPlace): Promise<RawValue<number>> =>
  scheduleActivity(NAMES.openLetters, [place], {
    startToCloseTimeout: '30s',
    retry: { initialInterval: '5s', maximumAttempts: 3 },
    summary: 'Counts the open letters of the group',
  });
