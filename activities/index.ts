/**
 * `temporal-recovery/activity`: for the code of your activities.
 * @module
 */
export { idempotencyKey, type OriginInfo, originInfo } from './origin.js';
