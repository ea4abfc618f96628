import { defaultPayloadConverter, type RawValue } from '@temporalio/common';
import { isTooDeep, MAX_JSON_DEPTH } from '../../common/payload/json-depth.js';

/** Stands for an input that is no JSON, so that it is refused and not taken for none. */
const UNREADABLE = '(cannot be read as JSON)';
const TOO_DEEP = `(nested deeper than ${MAX_JSON_DEPTH} levels)`;

/** The first of some inputs as JSON; undefined where there is none. Never throws: that would wedge the workflow. */
export function readJson(input: readonly RawValue[]): unknown {
  const payload = input[0]?.payload;
  if (payload === undefined || (!payload.metadata?.encoding && !payload.data?.length)) return undefined;
  try {
    const value = defaultPayloadConverter.fromPayload(payload);
    return isTooDeep(value) ? TOO_DEEP : value;
  } catch {
    return UNREADABLE;
  }
}
