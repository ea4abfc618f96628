import type { Payload } from '@temporalio/common';

/** Of the OpenTelemetry interceptors: calls of one workflow have one trace, and each call its own span. */
const TRACE_HEADER = '_tracer-data';

/**
 * Headers for a local activity that is about several calls: those that all calls have, and the trace of the first. A tenant's
 * header must not be that of another tenant's call.
 */
export function sharedHeaders(calls: readonly Record<string, Payload>[]): Record<string, Payload> {
  const [first = {}, ...others] = calls;
  const isShared = ([name, payload]: [string, Payload]) =>
    name === TRACE_HEADER || others.every((headers) => isSame(headers[name], payload));
  return Object.fromEntries(Object.entries(first).filter(isShared));
}

function isSame(a: Payload | undefined, b: Payload): boolean {
  if (a === undefined) return false;
  const [inA, inB] = [a.metadata ?? {}, b.metadata ?? {}];
  const names = Object.keys(inA);
  return (
    isSameBytes(a.data, b.data) &&
    names.length === Object.keys(inB).length &&
    names.every((name) => isSameBytes(inA[name], inB[name]))
  );
}

function isSameBytes(a: Uint8Array | null | undefined, b: Uint8Array | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
