import { ErrorCategory } from './category.js';
import { getString } from './safe.js';

/** Codes by category, in lines that are easy to add to: `{ RATE_LIMIT: 'THROTTLED TooManyRequests' }`. */
export type CodesByCategory = Readonly<Partial<Record<keyof typeof ErrorCategory, string>>>;

/** A look-up of codes, made of lines of them. */
export function tableOf(...families: readonly CodesByCategory[]): ReadonlyMap<string, ErrorCategory> {
  const table = new Map<string, ErrorCategory>();
  for (const family of families) {
    for (const [category, codes] of Object.entries(family)) {
      for (const code of codes.split(/\s+/)) {
        if (code !== '' && !table.has(code))
          table.set(code, ErrorCategory[category as keyof typeof ErrorCategory]);
      }
    }
  }
  return table;
}

/** By the first of some fields that holds a code of the table. */
export function lookUp(
  table: ReadonlyMap<string, ErrorCategory>,
  link: unknown,
  ...fields: readonly string[]
): ErrorCategory | undefined {
  for (const field of fields) {
    const found = table.get(getString(link, field) ?? '');
    if (found !== undefined) return found;
  }
  return undefined;
}
