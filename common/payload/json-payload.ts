import type { JsonPayload } from '../dead-letter/record.js';

/** A Temporal payload as the SDK hands it out. */
export interface PayloadLike {
  metadata?: Record<string, Uint8Array> | null;
  data?: Uint8Array | null;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Neither `Buffer` nor `btoa` exists in the workflow sandbox. */
function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    text += ALPHABET.charAt(a >> 2) + ALPHABET.charAt(((a & 3) << 4) | ((b ?? 0) >> 4));
    text += b === undefined ? '=' : ALPHABET.charAt(((b & 15) << 2) | ((c ?? 0) >> 6));
    text += c === undefined ? '=' : ALPHABET.charAt(c & 63);
  }
  return text;
}

function fromBase64(text: string): Uint8Array {
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let buffer = 0;
  let bits = 0;
  let at = 0;
  for (const digit of digits) {
    buffer = (buffer << 6) | ALPHABET.indexOf(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (buffer >> bits) & 0xff;
    }
  }
  return bytes;
}

export function payloadToJson(payload: PayloadLike): JsonPayload {
  const metadata = Object.fromEntries(
    Object.entries(payload.metadata ?? {}).map(([key, value]) => [key, toBase64(value)]),
  );
  return payload.data && payload.data.length > 0 ? { metadata, data: toBase64(payload.data) } : { metadata };
}

export function payloadFromJson(json: JsonPayload): {
  metadata: Record<string, Uint8Array>;
  data?: Uint8Array;
} {
  const metadata = Object.fromEntries(
    Object.entries(json.metadata).map(([key, value]) => [key, fromBase64(value)]),
  );
  return json.data === undefined ? { metadata } : { metadata, data: fromBase64(json.data) };
}
