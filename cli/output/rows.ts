import { oneLine } from '../../common/text/text.js';

type Row = readonly [name: string, value: string | number | false | undefined];

/** Names and values below each other; those without a value are left out. */
export function rows(all: readonly Row[]): string[] {
  const given = all.filter(([, value]) => value !== undefined && value !== false && value !== '');
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(String(value))}`);
}
