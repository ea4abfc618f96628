import type { ExternalStorage, StorageDriver } from '@temporalio/common';
import * as common from '@temporalio/common';

/**
 * The user's external storage, but what it cannot fetch is null, as `ReadableCodec` does it. For the memos of lists: one execution of
 * a fleet with a storage that this client does not have would otherwise end the list.
 */
export function readableStorage(given: ExternalStorage | undefined): ExternalStorage | undefined {
  // SDKs before 1.24 have none.
  const { ExternalStorage: Storage } = common as Partial<typeof common>;
  if (Storage === undefined) return given;
  const storage = new Storage({ drivers: [readable(undefined)], driverSelector: () => null });
  storage.getDriver = (name) => readable(given?.getDriver(name) ?? undefined);
  return storage;
}

function readable(driver: StorageDriver | undefined): StorageDriver {
  return {
    name: driver?.name ?? 'none',
    type: driver?.type ?? 'none',
    store: () => Promise.reject(new Error('This client only lists, and stores nothing')),
    retrieve: (context, claims) =>
      Promise.all(
        claims.map(async (claim) => {
          try {
            const [payload] = (await driver?.retrieve(context, [claim])) ?? [];
            return payload ?? nothing();
          } catch {
            return nothing();
          }
        }),
      ),
  };
}

function nothing() {
  return common.defaultPayloadConverter.toPayload(null);
}
