import { defaultPayloadConverter, type PayloadConverter, RawValue } from '@temporalio/common';
import { isReadable } from '../../common/payload/encoding.js';
import { notReadAnyMore } from './undecodable.js';

/**
 * The payload converter of the recovery workflows: whatever comes in is a raw payload and is read by our own code. An input
 * that the SDK cannot decode would fail the workflow task for ever.
 *
 * Name and place are what the bundler expects at `payloadConverterPath`.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload: <T>(payload: Parameters<PayloadConverter['fromPayload']>[0]) =>
    RawValue.fromPayload(payload) as T,
};

/**
 * What one of our own activities has returned.
 * @throws Error where only another codec could read it: the workflow task is repeated
 */
export function readResult<T>(result: RawValue<T> | undefined): T {
  if (!isReadable(result?.payload)) throw notReadAnyMore(result?.payload);
  return (result && defaultPayloadConverter.fromPayload(result.payload)) as T;
}
