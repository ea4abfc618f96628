import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { cleanTags, correlationTag } from '../../../common/dead-letter/tags.js';
import type { RecoverableCall } from '../../../common/strategies/index.js';
import type { RecoverySettings } from '../../settings.js';

/**
 * Marks of the letter of a call: the correlation id of its error, and what the option `tags` gives. A function that
 * throws costs the letter its own marks, never the letter.
 */
export function letterTags(
  call: RecoverableCall,
  args: readonly Payload[],
  correlationId: string | undefined,
  client: Client,
  { tagsOf, redactor, telemetry }: RecoverySettings,
): { readonly tags?: readonly string[] } {
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let given: ReturnType<typeof tagsOf> = [];
  try {
    given = tagsOf(call, () => args.map((payload) => payloadConverter.fromPayload(payload)));
  } catch (fault) {
    telemetry.fault('the tags option', fault);
  }
  if (given === false) return {};
  // Search attributes are in clear: what a codec encodes so far becomes one only where somebody has asked for tags.
  const isShown = given !== undefined || payloadCodecs.length === 0;
  const own = correlationId && isShown ? [correlationTag(correlationId)] : [];
  const tags = cleanTags([...own, ...(given ?? [])], redactor);
  return tags.length === 0 ? {} : { tags };
}
