import {
  AWAIT_LETTER_ACTIVITY,
  DESCRIBE_ORIGIN_ACTIVITY,
  READ_INPUT_ACTIVITY,
  REDRIVE_ACTIVITIES,
} from '../../common/contract.js';
import { awaitLetter } from './await-letter.js';
import { describeOrigin } from './describe-origin.js';
import { listLetters } from './list-letters.js';
import { planRedrive } from './plan.js';
import { readInput } from './read-input.js';
import { redriveLetters } from './redrive-letters.js';
import { waitForBreaker } from './wait-for-breaker.js';
import { waitForHeldLetters } from './wait-for-held-letters.js';

/** What the recovery workflows do outside of themselves, on the recovery worker. */
export const redriveActivities = {
  [AWAIT_LETTER_ACTIVITY]: awaitLetter,
  [DESCRIBE_ORIGIN_ACTIVITY]: describeOrigin,
  [READ_INPUT_ACTIVITY]: readInput,
  [REDRIVE_ACTIVITIES.plan]: planRedrive,
  [REDRIVE_ACTIVITIES.snapshot]: listLetters,
  [REDRIVE_ACTIVITIES.batch]: redriveLetters,
  [REDRIVE_ACTIVITIES.breaker]: waitForBreaker,
  [REDRIVE_ACTIVITIES.settle]: waitForHeldLetters,
};
