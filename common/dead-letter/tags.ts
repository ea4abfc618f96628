import type { Redactor } from '../errors/index.js';
import { beginning, oneLine, utf8Length, wellFormed } from '../text/text.js';

/** MySQL stores at most 255 characters of each value of a KeywordList. */
const MAX_TAG = 200;
/** The server takes 2,048 bytes for the whole list. Where they are in the memo, it warns from 2 KB for all of it. */
const MAX_BYTES = 1_000;
/** Of one letter, and of one filter. */
export const MAX_TAGS = 20;
const CORRELATION = 'correlation:';

/** The tag of letters whose error has this correlation id. */
export function correlationTag(correlationId: string): string {
  return `${CORRELATION}${correlationId}`;
}

/** Whether a tag is one that the plugin makes. */
export function isCorrelationTag(tag: string): boolean {
  return tag.startsWith(CORRELATION);
}

/** A tag as it is written, and as it is searched for: one line of at most 200 characters. */
export function cleanTag(tag: string): string {
  return beginning(oneLine(wellFormed(tag)), MAX_TAG);
}

/** Tags as a letter carries them: without secrets, each once, as many of the first as there is room for. */
export function cleanTags(given: readonly string[], redactor: Redactor): string[] {
  const tags = [...new Set(given.map((tag) => cleanTag(redactor.text(tag))))].filter((tag) => tag !== '');
  let room = MAX_BYTES;
  return tags.slice(0, MAX_TAGS).filter((tag) => {
    room -= utf8Length(JSON.stringify(tag)) + 1;
    return room >= 0;
  });
}
