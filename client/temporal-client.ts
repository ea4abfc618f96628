import { Client } from '@temporalio/client';

const derived = new WeakMap<Client, Client>();

/**
 * The client recovery's own data goes through: same connection, namespace, identity and codecs, but the default
 * payload converter, since the recovery workflows are bundled ahead of time and cannot know a user's converter.
 */
export function recoveryDataClient(client: Client): Client {
  const known = derived.get(client);
  if (known !== undefined) return known;
  const { loadedDataConverter, namespace, identity } = client.options;
  const made = new Client({
    connection: client.connection,
    namespace,
    identity,
    dataConverter: {
      payloadCodecs: loadedDataConverter.payloadCodecs,
      externalStorage: loadedDataConverter.externalStorage,
    },
  });
  derived.set(client, made);
  return made;
}
