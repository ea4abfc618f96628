import type { PayloadLike } from './json-payload.js';

/** What the SDK's own converter reads; a payload without an encoding is what some tools send for "no input". */
const READABLE: readonly string[] = ['json/plain', 'json/protobuf', 'binary/null', 'binary/plain', ''];

export function encodingOf(payload: PayloadLike | null | undefined): string {
  return String.fromCharCode(...(payload?.metadata?.encoding ?? []));
}

/** Whether our own code can read a payload: no codec has to be asked, and no converter of the user's. */
export function isReadable(payload: PayloadLike | null | undefined): boolean {
  return READABLE.includes(encodingOf(payload));
}
