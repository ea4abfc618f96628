import type { Payload, PayloadConverter } from '@temporalio/common';

const ENCODING = 'json/own';

/** As a user might write it from nothing: it knows neither raw values nor any other encoding. */
export const payloadConverter: PayloadConverter = {
  toPayload: (value: unknown): Payload => ({
    metadata: { encoding: new TextEncoder().encode(ENCODING) },
    data: new TextEncoder().encode(JSON.stringify({ own: value })),
  }),
  fromPayload<T>({ metadata, data }: Payload): T {
    const encoding = new TextDecoder().decode(metadata?.encoding ?? undefined);
    if (encoding !== ENCODING) throw new Error(`own converter: what is ${encoding}?`);
    return JSON.parse(new TextDecoder().decode(data ?? undefined)).own as T;
  },
};
