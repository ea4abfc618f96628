import { hash52, utf8Length, wellFormed } from './text.js';

/** The server's limit for a workflow id. */
const MAX_BYTES = 255;

/** A workflow id of a prefix and a name. A name that is too long is cut and ends in its hash, so that ids stay distinct. */
export function workflowIdOf(prefix: string, given: string): string {
  const name = wellFormed(given);
  const most = MAX_BYTES - prefix.length;
  if (utf8Length(name) <= most) return prefix + name;
  const suffix = `~${hash52(name)}`;
  let kept = '';
  let used = suffix.length;
  for (const character of name) {
    used += utf8Length(character);
    if (used > most) break;
    kept += character;
  }
  return prefix + kept + suffix;
}
