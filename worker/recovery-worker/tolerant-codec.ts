import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { decodeAll, decodeEach, encodeAll } from '../../client/codecs/chain.js';
import { UNDECODABLE_ENCODING } from '../../common/contract.js';
import type { JsonPayload } from '../../common/dead-letter/record.js';
import { payloadFromJson, payloadToJson } from '../../common/payload/json-payload.js';

const ENCODING = new TextEncoder().encode(UNDECODABLE_ENCODING);

/** What is inside of a marked payload: the payload as it came, and the context it was encoded for. */
type Unread = JsonPayload & { readonly context?: SerializationContext };

/**
 * The user's codecs, but a payload they cannot read is no error: it is handed on marked. One garbled signal would
 * otherwise fail every workflow task of its letter, for good.
 *
 * A marked payload that is written again is tried again, in the context it came with: if the codec can read it by now, it
 * is encoded for the new context as any other. Else it is written as it came: the activity's own worker may be able to
 * read it.
 */
export class TolerantCodec implements PayloadCodec {
  constructor(private readonly codecs: readonly PayloadCodec[]) {}

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const tried = await Promise.all(payloads.map((payload) => this.readAgain(payload)));
    const readable = tried.flatMap(({ plain }) => plain ?? []);
    const encoded = (await encodeAll(this.codecs, readable, context))[Symbol.iterator]();
    return tried.map(({ asItCame }) => asItCame ?? (encoded.next().value as Payload));
  }

  decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return decodeEach(this.codecs, payloads, context, (payload) => mark(payload, context));
  }

  private async readAgain(
    payload: Payload,
  ): Promise<{ plain: Payload; asItCame?: undefined } | { plain?: undefined; asItCame: Payload }> {
    if (!isMarked(payload)) return { plain: payload };
    const { context, ...json } = JSON.parse(new TextDecoder().decode(payload.data ?? undefined)) as Unread;
    const asItCame = payloadFromJson(json);
    try {
      const [plain] = await decodeAll(this.codecs, [asItCame], context);
      return plain === undefined ? { asItCame } : { plain };
    } catch {
      return { asItCame };
    }
  }
}

function mark(payload: Payload, context: SerializationContext | undefined): Payload {
  const unread: Unread = { ...payloadToJson(payload), ...(context === undefined ? {} : { context }) };
  return {
    metadata: { encoding: ENCODING },
    data: new TextEncoder().encode(JSON.stringify(unread)),
  };
}

function isMarked(payload: Payload): boolean {
  const encoding = payload.metadata?.encoding;
  return encoding !== undefined && encoding !== null && Buffer.from(encoding).equals(ENCODING);
}
