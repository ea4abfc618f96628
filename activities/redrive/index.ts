import { REDRIVE_ACTIVITIES } from '../../common/contract.js';
import { listLetters } from './list-letters.js';
import { planRedrive } from './plan.js';
import { redriveLetters } from './redrive-letters.js';
import { waitForBreaker } from './wait-for-breaker.js';
import { waitForHeldLetters } from './wait-for-held-letters.js';

/** What the workflow `redrive` does outside of itself, on the recovery worker. */
export const redriveActivities = {
  [REDRIVE_ACTIVITIES.plan]: planRedrive,
  [REDRIVE_ACTIVITIES.snapshot]: listLetters,
  [REDRIVE_ACTIVITIES.batch]: redriveLetters,
  [REDRIVE_ACTIVITIES.breaker]: waitForBreaker,
  [REDRIVE_ACTIVITIES.settle]: waitForHeldLetters,
};
