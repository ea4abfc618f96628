import { hash52 } from '../text/text.js';

/** Base 32 without i, l, o and u, which are read as other characters. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 8;
const PATTERN = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/**
 * Short id of a letter: 40 bits of a hash of its whole id (`dead-letter/…`) in 8 characters. It never changes. Two of
 * 100,000 letters share one with a chance of one in 200; for one given letter it is one in ten million.
 */
export function shortLetterId(id: string): string {
  let left = Number.parseInt(hash52(id), 16);
  let text = '';
  for (let at = 0; at < LENGTH; at++) {
    text = ALPHABET.charAt(left % ALPHABET.length) + text;
    left = Math.floor(left / ALPHABET.length);
  }
  return text;
}

/** Whether `text` may be a short id. The beginning of a workflow id may look the same. */
export function isShortLetterId(text: string): boolean {
  return PATTERN.test(text);
}
