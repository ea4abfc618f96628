/**
 * `temporal-recovery/http`: `apiRequest`, a ready activity for one HTTP request.
 * @module
 */

export { ApiRequestError, type ApiRequestFailure } from '../activities/api-request/error.js';
export {
  type ApiRequestActivity,
  apiRequest,
  createApiRequest,
  fetchJson,
} from '../activities/api-request/index.js';
export type {
  ApiRequest,
  ApiRequestOptions,
  ApiResponse,
  HeaderSource,
  Method,
  Schemas,
  StatusPattern,
  Time,
} from '../activities/api-request/types.js';
