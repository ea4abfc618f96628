/**
 * `temporal-recovery/workflow`: safe in workflow code.
 * @module
 */
export { ErrorCategory } from '../common/errors/category.js';
export { deadLetterId } from './rebuild-failure.js';
