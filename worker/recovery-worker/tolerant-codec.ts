import type { Payload, PayloadCodec } from '@temporalio/common';
import { decodeEach, encodeAll } from '../../client/codecs/chain.js';
import { UNDECODABLE_ENCODING } from '../../common/contract.js';
import { payloadFromJson, payloadToJson } from '../../common/json-payload.js';

const ENCODING = new TextEncoder().encode(UNDECODABLE_ENCODING);

/**
 * The user's codecs, but a payload they cannot read is no error: it is handed on marked, and written again as it
 * came. One garbled signal would otherwise fail every workflow task of its letter, for good; and arguments that
 * only the activity's own worker can read reach it unharmed.
 */
export class TolerantCodec implements PayloadCodec {
  constructor(private readonly codecs: readonly PayloadCodec[]) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const plain = payloads.filter((payload) => !isMarked(payload));
    const rest = (await encodeAll(this.codecs, plain))[Symbol.iterator]();
    return payloads.map((payload) => (isMarked(payload) ? unmark(payload) : (rest.next().value as Payload)));
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return decodeEach(this.codecs, payloads, mark);
  }
}

function mark(payload: Payload): Payload {
  return {
    metadata: { encoding: ENCODING },
    data: new TextEncoder().encode(JSON.stringify(payloadToJson(payload))),
  };
}

function unmark(payload: Payload): Payload {
  return payloadFromJson(JSON.parse(new TextDecoder().decode(payload.data ?? new Uint8Array())));
}

function isMarked(payload: Payload): boolean {
  const encoding = payload.metadata?.encoding;
  return encoding !== undefined && encoding !== null && Buffer.from(encoding).equals(ENCODING);
}
