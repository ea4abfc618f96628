import { defaultPayloadConverter, type Payload, type RawValue } from '@temporalio/common';
import type { DiscardRequest, ReplayRequest, ResolveRequest } from '../../common/dead-letter/requests.js';
import { MalformedRequestError, parseRequest } from '../../common/dead-letter/requests.js';
import { isTooDeep, MAX_JSON_DEPTH } from '../../common/payload/json-depth.js';
import { beginning } from '../../common/text/text.js';

/** A request and, for a replay with new arguments, the payloads they travel as. */
export type ParsedRequest =
  | { readonly kind: 'replay'; readonly request: ReplayRequest; readonly args: Payload[] | undefined }
  | { readonly kind: 'resolve'; readonly request: ResolveRequest }
  | { readonly kind: 'discard'; readonly request: DiscardRequest };

export type RequestKind = ParsedRequest['kind'];

/**
 * Reads a signal or update. New arguments of a replay come in `args`, or, converted by the caller, as further
 * inputs behind the request (then `args` is absent): that is how a client sends values JSON cannot hold.
 * @throws MalformedRequestError whatever is wrong with the input
 */
export function readRequest(kind: RequestKind, input: readonly RawValue[]): ParsedRequest {
  const [first, ...rest] = input.map(({ payload }) => payload);
  const request = parseRequest(kind, decode(kind, first));
  if (kind !== 'replay') {
    if (rest.length > 0)
      throw new MalformedRequestError(`${kind}: one input is expected; got ${rest.length + 1}`);
    return { kind, request } as ParsedRequest;
  }
  const { args } = request as ReplayRequest;
  if (args !== undefined && rest.length > 0) {
    throw new MalformedRequestError(
      'replay: new arguments come either in args or as further inputs, not both',
    );
  }
  if (args !== undefined) {
    return { kind, request, args: args.map((value) => defaultPayloadConverter.toPayload(value)) };
  }
  return { kind, request, args: rest.length > 0 ? rest : undefined };
}

function decode(kind: string, payload: Payload | undefined): unknown {
  if (payload === undefined) return undefined;
  let value: unknown;
  try {
    // A payload without metadata is what some tools send for "no input".
    if (!payload.metadata?.encoding && !payload.data?.length) return undefined;
    value = defaultPayloadConverter.fromPayload(payload);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MalformedRequestError(
      `${kind}: the input cannot be read as JSON (${beginning(why, 200)}); use encoding json/plain and an object such as {"by": "you"}`,
    );
  }
  if (!isTooDeep(value)) return value;
  throw new MalformedRequestError(
    `${kind}: the input may be nested ${MAX_JSON_DEPTH} levels deep, and is deeper; send less nested values`,
  );
}
