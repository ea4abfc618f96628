import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';

type Codecs = readonly PayloadCodec[];

/** `context` says whose payloads these are: a codec may bind what it encodes to it, and then reads it in no other. */
export async function encodeAll(
  codecs: Codecs,
  payloads: Payload[],
  context: SerializationContext | undefined,
): Promise<Payload[]> {
  let encoded = payloads;
  for (const codec of codecs) encoded = await codec.encode(encoded, context);
  return encoded;
}

export async function decodeAll(
  codecs: Codecs,
  payloads: Payload[],
  context: SerializationContext | undefined,
): Promise<Payload[]> {
  let decoded = payloads;
  for (const codec of [...codecs].reverse()) decoded = await codec.decode(decoded, context);
  if (decoded.length !== payloads.length) throw new Error('The codec changed the number of payloads');
  return decoded;
}

/** All of them at once; where that fails each for itself, with `otherwise` for what cannot be read. */
export async function decodeEach(
  codecs: Codecs,
  payloads: Payload[],
  context: SerializationContext | undefined,
  otherwise: (payload: Payload) => Payload,
): Promise<Payload[]> {
  const decodeOne = async (payload: Payload) => {
    try {
      return (await decodeAll(codecs, [payload], context))[0] ?? otherwise(payload);
    } catch {
      return otherwise(payload);
    }
  };
  try {
    return await decodeAll(codecs, payloads, context);
  } catch {
    return Promise.all(payloads.map(decodeOne));
  }
}
