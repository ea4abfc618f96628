import { Client } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import { ReadableCodec } from '../codecs/readable-codec.js';
import { readableStorage } from '../codecs/readable-storage.js';

const derived = new WeakMap<Client, Client>();
const listing = new WeakMap<Client, Client>();

/**
 * The client recovery's own data goes through: same connection, namespace, identity and codecs, but the default
 * payload converter, since the recovery workflows are bundled ahead of time and cannot know a user's converter.
 */
export function recoveryDataClient(client: Client): Client {
  return derive(client, derived, client.options.loadedDataConverter);
}

/** The same for lists: a memo that cannot be read is null and ends no list. */
export function listingClient(client: Client): Client {
  const { payloadCodecs, externalStorage } = client.options.loadedDataConverter;
  return derive(client, listing, {
    payloadCodecs: [new ReadableCodec(payloadCodecs)],
    externalStorage: readableStorage(externalStorage),
  });
}

function derive(
  client: Client,
  known: WeakMap<Client, Client>,
  { payloadCodecs, externalStorage }: Pick<LoadedDataConverter, 'payloadCodecs' | 'externalStorage'>,
): Client {
  const before = known.get(client);
  if (before !== undefined) return before;
  const { namespace, identity } = client.options;
  const made = new Client({
    ...{ connection: client.connection, namespace, identity },
    dataConverter: { payloadCodecs, externalStorage },
  });
  known.set(client, made);
  return made;
}
