import {
  defaultPayloadConverter,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
} from '@temporalio/common';
import { decodeEach, encodeAll } from './chain.js';

/**
 * The user's codecs, but what they cannot read is null. For the memos of lists: one letter of a fleet with another
 * codec would otherwise end the list for everybody in its namespace.
 */
export class ReadableCodec implements PayloadCodec {
  constructor(private readonly codecs: readonly PayloadCodec[]) {}

  encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return encodeAll(this.codecs, payloads, context);
  }

  async decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const decoded = await decodeEach(this.codecs, payloads, context, unreadable);
    return decoded.map((payload) => (isReadable(payload) ? payload : unreadable()));
  }
}

function unreadable(): Payload {
  return defaultPayloadConverter.toPayload(null);
}

function isReadable(payload: Payload): boolean {
  try {
    defaultPayloadConverter.fromPayload(payload);
    return true;
  } catch {
    return false;
  }
}
