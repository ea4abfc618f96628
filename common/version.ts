import { WORKFLOW_CODE } from './workflow-code.js';

/** The version of this package, for pages of workflows: code in the sandbox cannot read package.json. */
export const VERSION = WORKFLOW_CODE.slice(WORKFLOW_CODE.lastIndexOf(' ') + 1);
