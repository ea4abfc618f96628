import { CIRCUIT_BREAKER_ID_PREFIX } from '../contract.js';
import { hash52, utf8Length, wellFormed } from '../text/text.js';

/** The server's limit for a workflow id, less the prefix. */
const MAX_BYTES = 255 - CIRCUIT_BREAKER_ID_PREFIX.length;

/** Workflow id of a breaker. A name that is too long is cut and ends in its hash, so that ids stay distinct. */
export function breakerWorkflowId(given: string): string {
  const name = wellFormed(given);
  if (utf8Length(name) <= MAX_BYTES) return CIRCUIT_BREAKER_ID_PREFIX + name;
  const suffix = `~${hash52(name)}`;
  let kept = '';
  let used = suffix.length;
  for (const character of name) {
    used += utf8Length(character);
    if (used > MAX_BYTES) break;
    kept += character;
  }
  return CIRCUIT_BREAKER_ID_PREFIX + kept + suffix;
}
