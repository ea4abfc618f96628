/**
 * `temporal-recovery/workflow`: safe in workflow code.
 * @module
 */
export { deadLetterId } from './rebuild-failure.js';
