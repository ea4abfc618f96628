import { utf8Length } from '../text/text.js';
import type { PayloadLike } from './json-payload.js';

/** The server takes 2 MiB as the input of an activity; a codec may need some of it. */
export const MAX_INPUT_BYTES = 2_000_000;

/** What each payload and each entry of its metadata needs on the wire beside its bytes. */
const FRAME_BYTES = 8;

/** Size of payloads on the wire, as the server counts it; a little more rather than less. */
export function payloadBytes(payloads: readonly PayloadLike[]): number {
  return payloads.reduce((sum, { metadata, data }) => {
    const described = Object.entries(metadata ?? {}).reduce(
      (bytes, [key, value]) => bytes + utf8Length(key) + (value?.length ?? 0) + FRAME_BYTES,
      0,
    );
    return sum + described + (data?.length ?? 0) + FRAME_BYTES;
  }, 0);
}

/** A number of bytes for people. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
