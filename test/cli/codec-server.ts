import { fastify } from 'fastify';
import { payloadFromJson, payloadToJson } from '../../common/payload/json-payload.js';
import { EncryptionCodec } from '../support/encryption-codec.js';

interface Body {
  payloads: Parameters<typeof payloadFromJson>[0][];
}

/** A codec server as Temporal documents it. */
export async function startCodecServer(secret: string, authorization: string) {
  const codec = new EncryptionCodec(secret);
  const namespaces = new Set<unknown>();
  const app = fastify();
  app.addHook('onRequest', async (request, reply) => {
    namespaces.add(request.headers['x-namespace']);
    if (request.headers.authorization !== authorization) await reply.code(401).send('who are you?');
  });
  app.post<{ Body: Body; Params: { what: 'encode' | 'decode' } }>('/:what', async ({ body, params }) => {
    const payloads = await codec[params.what](body.payloads.map(payloadFromJson));
    return { payloads: payloads.map(payloadToJson) };
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, namespaces, close: () => app.close() };
}
