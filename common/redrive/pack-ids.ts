import { utf8Length } from '../text/text.js';

/**
 * Workflow ids, each as what it has in common with the one before, and the rest (front coding): letters of one sync
 * share most of their ids, and what is left to do has to fit into the input of a workflow.
 */
export type PackedIds = readonly string[];

export function packIds(ids: readonly string[]): PackedIds {
  return ids.map((id, index) => {
    const shared = sharedLength(ids[index - 1] ?? '', id);
    return `${shared.toString(36)}:${id.slice(shared)}`;
  });
}

export function unpackIds(packed: PackedIds): string[] {
  let before = '';
  return packed.map((line) => {
    const colon = line.indexOf(':');
    before = before.slice(0, Number.parseInt(line.slice(0, colon), 36)) + line.slice(colon + 1);
    return before;
  });
}

/** Bytes an id adds to a pack behind another one, about. */
export function packedBytes(before: string, id: string): number {
  return utf8Length(id.slice(sharedLength(before, id))) + OVERHEAD;
}

/** Quotes, comma, colon and the shared length. */
const OVERHEAD = 6;

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  // Half of a character outside of the basic plane would not survive the way through UTF-8.
  return /[\uD800-\uDBFF]/.test(a[length - 1] ?? '') ? length - 1 : length;
}
