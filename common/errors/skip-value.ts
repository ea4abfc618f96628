/**
 * Where a value in JSON, or in what looks like it, ends. The text may be cut off, or be JSON within a JSON string, in
 * which quotes have backslashes before them. Linear in the length of the value.
 */
export function skipValue(text: string, start: number): number {
  const quote = quoteAt(text, start);
  if (quote !== undefined) return skipString(text, quote);
  const first = text[start];
  return first === '{' || first === '[' ? skipBalanced(text, start) : skipBare(text, start);
}

interface Quote {
  readonly mark: string;
  /** Backslashes before the mark: 0, or 2^n - 1 in the n-th string within a string. */
  readonly slashes: number;
  /** Index after the mark. */
  readonly after: number;
}

export function quoteAt(text: string, start: number): Quote | undefined {
  let at = start;
  while (text[at] === '\\') at++;
  const mark = text[at];
  return mark === '"' || mark === "'" || mark === '`'
    ? { mark, slashes: at - start, after: at + 1 }
    : undefined;
}

function skipString(text: string, { mark, slashes, after }: Quote): number {
  let run = 0;
  for (let at = after; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') {
      run++;
      continue;
    }
    if (character === mark) {
      if (run < slashes) return at - run; // the string around this one ends
      if (Math.floor(run / (slashes + 1)) % 2 === 0) return at + 1;
    }
    run = 0;
  }
  return text.length;
}

function skipBalanced(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    const quote = character === '"' || character === '\\' ? quoteAt(text, at) : undefined;
    if (quote !== undefined) {
      at = skipString(text, quote);
      continue;
    }
    if (character === '{' || character === '[') depth++;
    if ((character === '}' || character === ']') && --depth === 0) return at + 1;
    at++;
  }
  return text.length;
}

const BARE_END = /[\s&"'<>;`]|\\["'nrtu]/g;
const JSON_END = /[\s,&"'<>;`}\]]|\\["'nrtu]/g;

/** To white space or a delimiter. A comma or bracket may belong to a password, unless this is JSON. */
export function skipBare(text: string, start: number, isJson = false): number {
  const end = isJson ? JSON_END : BARE_END;
  end.lastIndex = start;
  return end.exec(text)?.index ?? text.length;
}
