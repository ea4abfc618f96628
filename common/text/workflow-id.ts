import { nameInId } from './text.js';

/** The server's limit for a workflow id. */
const MAX_BYTES = 255;

/** A workflow id of a prefix and a name. A name that is too long is cut and ends in its hash, so that ids stay distinct. */
export function workflowIdOf(prefix: string, name: string): string {
  return prefix + nameInId(name, MAX_BYTES - prefix.length);
}
