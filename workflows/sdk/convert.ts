import {
  type Payload,
  type PayloadConverter,
  RawValue,
  rawValueTypeInfo,
  type TypeInfo,
} from '@temporalio/common';
import * as converters from '@temporalio/common/lib/converter/payload-converter';
import { PARKED_STATUS_KEY } from '../../common/contract.js';
import { wrapPayloadConverter } from './private-state.js';

/** Says of a value that it is a raw payload. Undefined in SDKs before 1.24, which have no such thing. */
export const RAW: TypeInfo | undefined = rawValueTypeInfo;

/** Type information is there from 1.22 on, the context of a conversion from 1.18 on: older SDKs have only values. */
const { fromPayloadWithTypeInfo, toPayloadsWithContext } = converters as Partial<typeof converters>;

type Context = Parameters<PayloadConverter['toPayload']>[1];

export function toPayloads(
  converter: PayloadConverter,
  values: readonly unknown[],
  context: Context,
  typeInfo: readonly TypeInfo[] | undefined,
): Payload[] {
  if (toPayloadsWithContext === undefined) return values.map((value) => converter.toPayload(value));
  return toPayloadsWithContext(converter, context, [...values], typeInfo) ?? [];
}

export function fromPayload(
  converter: PayloadConverter,
  payload: Payload,
  context: Context,
  typeInfo: TypeInfo | undefined,
): unknown {
  if (fromPayloadWithTypeInfo === undefined) return converter.fromPayload(payload, context);
  return fromPayloadWithTypeInfo(converter, payload, context, typeInfo);
}

/**
 * Lets raw values pass the user's payload converter, where the SDK cannot say that by type: those we send, and the result
 * of a letter that is waited for, whose metadata says how it ended.
 */
export function passRawValues(): void {
  if (RAW !== undefined) return;
  wrapPayloadConverter((users) => ({
    toPayload: (value, ...more) =>
      value instanceof RawValue ? value.payload : users.toPayload(value, ...more),
    fromPayload: <T>(payload: Payload, ...more: never[]) =>
      payload.metadata?.[PARKED_STATUS_KEY] === undefined
        ? users.fromPayload<T>(payload, ...more)
        : (RawValue.fromPayload(payload) as T),
  }));
}
