import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';

/**
 * The user's codecs, but what they cannot read is null. For the memos of lists: one letter of a fleet with another
 * codec would otherwise end the list for everybody in its namespace.
 */
export class ReadableCodec implements PayloadCodec {
  constructor(private readonly codecs: readonly PayloadCodec[]) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    let encoded = payloads;
    for (const codec of this.codecs) encoded = await codec.encode(encoded);
    return encoded;
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.readable(payload)));
  }

  private async readable(payload: Payload): Promise<Payload> {
    try {
      let decoded = [payload];
      for (const codec of [...this.codecs].reverse()) decoded = await codec.decode(decoded);
      const [only = payload] = decoded;
      defaultPayloadConverter.fromPayload(only);
      return only;
    } catch {
      return defaultPayloadConverter.toPayload(null);
    }
  }
}
