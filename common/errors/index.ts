export * from './api-linker-error.js';
export * from './category.js';
export * from './redaction.js';
export { retryAfterMs } from './retry-after.js';
