export * from './api-linker-error.js';
export { isApiLinkerError } from './brand.js';
export * from './category.js';
export { type Classification, classifyError } from './classify.js';
export type { ErrorJson } from './error-json.js';
export { isToldToComeBack } from './quota.js';
export * from './redaction/redaction.js';
export { retryAfterMs } from './retry-after.js';
