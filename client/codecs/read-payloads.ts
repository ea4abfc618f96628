import type { Client } from '@temporalio/client';
import type { Payload, SerializationContext } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/internal-non-workflow';

/** What stands in place of a payload that is kept in external storage, as the SDK writes it. */
const REFERENCE = 'temporal.api.sdk.v1.ExternalStorageReference';

interface Reference {
  readonly driverName?: string;
  readonly claimData?: Record<string, string>;
}

/**
 * Payloads of a history as they were before the client's converter: fetched from external storage, and decoded. The SDK does that for
 * the answers of its own methods, and not for histories.
 * @throws where a codec or a storage driver fails, or the client does not have that driver
 */
export async function readPayloads(
  { options: { loadedDataConverter } }: Client,
  payloads: readonly Payload[],
  context?: SerializationContext,
): Promise<Payload[]> {
  const { payloadCodecs, externalStorage } = loadedDataConverter;
  const fetched = await Promise.all(
    payloads.map(async (payload) => {
      const reference = referenceOf(payload);
      if (reference === undefined) return payload;
      const { driverName = '', claimData = {} } = reference;
      const driver = externalStorage?.getDriver(driverName);
      if (driver == null) throw new Error(`This client has no driver "${driverName}" for external storage`);
      const [kept] = await driver.retrieve({}, [{ claimData }]);
      if (kept === undefined) throw new Error(`The driver "${driverName}" gave nothing for a payload`);
      return kept;
    }),
  );
  return decode(payloadCodecs, fetched, context);
}

function referenceOf({ metadata, data }: Payload): Reference | undefined {
  const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes ?? undefined);
  if (text(metadata?.messageType) !== REFERENCE) return undefined;
  return JSON.parse(text(data)) as Reference;
}
