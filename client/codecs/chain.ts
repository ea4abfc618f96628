import type { Payload, PayloadCodec } from '@temporalio/common';

type Codecs = readonly PayloadCodec[];

export async function encodeAll(codecs: Codecs, payloads: Payload[]): Promise<Payload[]> {
  let encoded = payloads;
  for (const codec of codecs) encoded = await codec.encode(encoded);
  return encoded;
}

export async function decodeAll(codecs: Codecs, payloads: Payload[]): Promise<Payload[]> {
  let decoded = payloads;
  for (const codec of [...codecs].reverse()) decoded = await codec.decode(decoded);
  if (decoded.length !== payloads.length) throw new Error('The codec changed the number of payloads');
  return decoded;
}

/** All of them at once; where that fails each for itself, with `otherwise` for what cannot be read. */
export async function decodeEach(
  codecs: Codecs,
  payloads: Payload[],
  otherwise: (payload: Payload) => Payload,
): Promise<Payload[]> {
  const decodeOne = async (payload: Payload) => {
    try {
      return (await decodeAll(codecs, [payload]))[0] ?? otherwise(payload);
    } catch {
      return otherwise(payload);
    }
  };
  try {
    return await decodeAll(codecs, payloads);
  } catch {
    return Promise.all(payloads.map(decodeOne));
  }
}
