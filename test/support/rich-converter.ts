import {
  CompositePayloadConverter,
  type Payload,
  type PayloadConverterWithEncoding,
  UndefinedPayloadConverter,
} from '@temporalio/common';
import { decode, encode } from '@temporalio/common/lib/encoding';

const TAG = '$rich';
const ENCODING = 'json/rich';

/** JSON with tags for what JSON cannot say, in an encoding of its own. */
class RichConverter implements PayloadConverterWithEncoding {
  readonly encodingType = ENCODING;

  toPayload(value: unknown): Payload | undefined {
    if (value === undefined) return undefined;
    return {
      metadata: { encoding: encode(ENCODING) },
      data: encode(JSON.stringify(toTagged(value))),
    };
  }

  fromPayload<T>({ data }: Payload): T {
    return fromTagged(JSON.parse(decode(data as Uint8Array))) as T;
  }
}

function toTagged(value: unknown): unknown {
  if (typeof value === 'bigint') return { [TAG]: 'bigint', value: String(value) };
  if (value instanceof Date) return { [TAG]: 'date', value: value.getTime() };
  if (value instanceof Map) return { [TAG]: 'map', value: [...value].map(toTagged) };
  if (Array.isArray(value)) return value.map(toTagged);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toTagged(inner)]));
}

function fromTagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromTagged);
  if (typeof value !== 'object' || value === null) return value;
  const { [TAG]: tag, value: inner } = value as Record<string, unknown>;
  if (tag === 'bigint') return BigInt(inner as string);
  if (tag === 'date') return new Date(inner as number);
  if (tag === 'map') return new Map((inner as unknown[]).map(fromTagged) as [unknown, unknown][]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromTagged(item)]));
}

/** For `payloadConverterPath`. */
export const payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new RichConverter(),
);
