import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { NewDeadLetter } from '../../../client/dead-letter/start.js';
import { payloadBytes } from '../../../common/payload/payload-size.js';
import type { RecoverableCall } from '../../../common/strategies/index.js';
import type { RecoverySettings } from '../../settings.js';
import { recordLetter } from '../record-letter.js';

/** The letter carries its arguments from run to run, in one input with its record. */
const MAX_ARGUMENT_BYTES = 700_000;

/**
 * The letter of a call as the one of its record; undefined where the call has one of its own: no key, a key that could not
 * be made, or arguments that are too large to be carried on.
 */
export function letterOfRecord(
  letter: NewDeadLetter,
  call: RecoverableCall,
  args: readonly Payload[],
  client: Client,
  { recordKeyOf, telemetry }: RecoverySettings,
): NewDeadLetter | undefined {
  const { payloadConverter } = client.options.loadedDataConverter;
  let key: string | undefined;
  try {
    key = recordKeyOf(call, () => args.map((payload) => payloadConverter.fromPayload(payload)));
  } catch (fault) {
    telemetry.fault('the recordKey option', fault);
  }
  if (key === undefined || payloadBytes(args) > MAX_ARGUMENT_BYTES) return undefined;
  const { queue, operation } = letter;
  return { ...letter, ...recordLetter(queue, operation, key) };
}
