import { DETAIL_KEY } from '../contract.js';
import { hasBrand } from './brand.js';
import { isErrorCategory } from './category.js';
import type { ErrorJson } from './error-json.js';
import { isStatus, readErrorJson } from './read-error-json.js';
import { get, getString, isObject, items } from './safe.js';

const MAX_DETAILS = 20;

/** An error that has been classified already, with its place in the chain. */
export interface Known {
  readonly index: number;
  readonly json: Partial<ErrorJson> & Pick<ErrorJson, 'message' | 'errorCategory'>;
}

/** Ours, or a Temporal failure that carries our JSON in its details. */
export function findKnown(links: readonly unknown[]): Known | undefined {
  for (const [index, link] of links.entries()) {
    const json = hasBrand(link) ? read(link) : inDetails(link);
    if (json !== undefined) return { index, json };
  }
  return undefined;
}

function inDetails(link: unknown): Known['json'] | undefined {
  // The last one that tells of an error; the id of a letter may stand behind it.
  const ours = items(get(link, 'details'), MAX_DETAILS)
    .map((detail) => get(detail, DETAIL_KEY))
    .findLast((detail) => isObject(get(detail, 'error')) || isErrorCategory(get(detail, 'category')));
  try {
    if (get(ours, 'v') !== 1) return undefined;
    // Whatever else the detail has or lacks: category and fields are the error's.
    return isObject(get(ours, 'error')) ? readErrorJson(get(ours, 'error')) : ofPending(link, ours);
  } catch {
    return undefined;
  }
}

/** Of an attempt that another was to follow, which the server did not allow any more: its detail is small. */
function ofPending(link: unknown, detail: unknown): Known['json'] | undefined {
  const errorCategory = get(detail, 'category');
  const status = get(detail, 'status');
  if (!isErrorCategory(errorCategory)) return undefined;
  const statusCode = isStatus(status) ? status : undefined;
  return { message: getString(link, 'message') ?? '', errorCategory, statusCode };
}

/** Nothing that came over the wire is believed to have the right types. */
function read(json: unknown): Known['json'] | undefined {
  const message = get(json, 'message');
  const errorCategory = get(json, 'errorCategory');
  if (typeof message !== 'string' || !isErrorCategory(errorCategory)) return undefined;
  const statusCode = get(json, 'statusCode');
  const additionalContext = get(json, 'additionalContext');
  return {
    message,
    errorCategory,
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    responseBody: getString(json, 'responseBody'),
    requestUrl: getString(json, 'requestUrl'),
    requestMethod: getString(json, 'requestMethod'),
    timestamp: getString(json, 'timestamp'),
    operationId: getString(json, 'operationId'),
    correlationId: getString(json, 'correlationId'),
    additionalContext: isObject(additionalContext)
      ? (additionalContext as Record<string, unknown>)
      : undefined,
    errorType: getString(json, 'errorType'),
    stack: getString(json, 'stack'),
  };
}
