import { GROUP_ACTIVITIES } from '../../common/contract.js';
import { awaitDeploy } from './await-deploy.js';
import { awaitRedrive } from './await-redrive.js';
import { countOpenLetters } from './count-open-letters.js';

/** What the workflows of groups do outside of themselves, on the recovery worker. */
export const groupActivities = {
  [GROUP_ACTIVITIES.openLetters]: countOpenLetters,
  [GROUP_ACTIVITIES.deploy]: awaitDeploy,
  [GROUP_ACTIVITIES.redrive]: awaitRedrive,
};
