/** Length of a string in UTF-8 bytes; a lone surrogate counts as the replacement character it becomes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Length of a value as JSON, in UTF-8 bytes. */
export function jsonLength(value: unknown): number {
  return utf8Length(JSON.stringify(value) ?? '');
}

/** The first items of a list, as many as have this length as JSON. */
export function withinBytes<T>(items: readonly T[], bytes: number): readonly T[] {
  let left = bytes;
  const excess = items.findIndex((item) => {
    left -= jsonLength(item) + 1;
    return left < 0;
  });
  return excess < 0 ? items : items.slice(0, excess);
}

/** The beginning of a text: at most `length` UTF-16 units, and never half a character (a surrogate pair is kept or left out). */
export function beginning(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, length);
  return HIGH_SURROGATE_AT_END.test(kept) && isLowSurrogate(text.charCodeAt(kept.length))
    ? kept.slice(0, -1)
    : kept;
}

const HIGH_SURROGATE_AT_END = /[\uD800-\uDBFF]$/;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Half characters become U+FFFD: a protobuf message cannot hold them. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\uFFFD');
}

/** Cuts to at most `bytes` UTF-8 bytes, ending in an ellipsis where something was cut. */
export function cutBytes(text: string, bytes: number): string {
  if (utf8Length(text) <= bytes) return text;
  let kept = '';
  let used = 3;
  for (const character of text) {
    used += utf8Length(character);
    if (used > bytes) break;
    kept += character;
  }
  return `${kept}…`;
}

/** A name as part of an id: where it is too long it is cut and ends in its hash, so that ids stay distinct. */
export function nameInId(given: string, maxBytes: number): string {
  const name = wellFormed(given);
  if (utf8Length(name) <= maxBytes) return name;
  const suffix = `~${hash52(name)}`;
  let kept = '';
  let used = suffix.length;
  for (const character of name) {
    used += utf8Length(character);
    if (used > maxBytes) break;
    kept += character;
  }
  return kept + suffix;
}

/** 52-bit hash in 13 hex digits (cyrb53). For names and fingerprints, not for security. */
export function hash52(text: string): string {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return (4294967296 * (0xfffff & h2) + (h1 >>> 0)).toString(16).padStart(13, '0');
}

/** One line: control characters, line breaks and what turns the direction of writing become single spaces. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
}
