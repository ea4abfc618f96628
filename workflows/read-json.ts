import { defaultPayloadConverter, type RawValue } from '@temporalio/common';

/** Stands for an input that is no JSON, so that it is refused and not taken for none. */
const UNREADABLE = '(cannot be read as JSON)';

/** The first of some inputs as JSON; undefined where there is none. Never throws: that would wedge the workflow. */
export function readJson(input: readonly RawValue[]): unknown {
  const payload = input[0]?.payload;
  if (payload === undefined || (!payload.metadata?.encoding && !payload.data?.length)) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return UNREADABLE;
  }
}
