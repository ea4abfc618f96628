export * from './api-linker-error.js';
export * from './category.js';
export { type Classification, classifyError } from './classify.js';
export type { ErrorJson } from './error-json.js';
export type * from './error-options.js';
export * from './redaction/redaction.js';
export { retryAfterMs } from './retry-after.js';
export { isToldToComeBack } from './told-to-come-back.js';
