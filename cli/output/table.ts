import { oneLine } from '../../common/text/text.js';
import { cutToWidth, displayWidth, padToWidth } from './width.js';

export interface Column<Row> {
  readonly title: string;
  cell(row: Row): string | number | undefined;
  readonly align?: 'right';
  /** The cell may be cut to this number of columns if the table is too wide; without it a cell is never cut. */
  readonly cutTo?: number;
  /** Only with `--output wide`. */
  readonly wide?: true;
  /** Colours a cell that has been cut and padded. */
  colour?(text: string, row: Row): string;
}

export interface TableOptions {
  /** Columns of the terminal. Without it nothing is cut. */
  readonly width?: number;
  readonly heading?: (text: string) => string;
}

const GAP = '  ';

/**
 * Aligned columns in lines no wider than the terminal. Where that cannot be reached by cutting, the last column
 * gets lines of its own: it is the one people copy.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions = {},
): string[] {
  const { width = Number.POSITIVE_INFINITY, heading = (text) => text } = options;
  const cells = rows.map((row) => columns.map(({ cell }) => oneLine(String(cell(row) ?? ''))));
  const natural = columns.map(({ title }, at) =>
    Math.max(displayWidth(title), ...cells.map((line) => displayWidth(line[at] ?? ''))),
  );
  const least = columns.map(({ cutTo }, at) => Math.min(natural[at] ?? 0, cutTo ?? Number.POSITIVE_INFINITY));
  const apart = columns.length > 1 && total(least) > width;
  const inLine = apart ? columns.length - 1 : columns.length;
  const widths = fit(natural.slice(0, inLine), least.slice(0, inLine), width);
  const line = (texts: readonly string[], row?: Row) =>
    texts
      .slice(0, inLine)
      .map((text, at) => {
        const { align, colour } = columns[at] ?? {};
        const size = widths[at] ?? 0;
        const cut = cutToWidth(text, size);
        const last = at === inLine - 1 && align === undefined;
        const padded = align === 'right' ? cut.padStart(size) : last ? cut : padToWidth(cut, size);
        return row === undefined || colour === undefined ? padded : colour(padded, row);
      })
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  return [
    heading(apart ? `${line(titles)}` : line(titles)),
    ...(apart ? [heading(`${GAP}${titles.at(-1)}`)] : []),
    ...rows.flatMap((row, at) => {
      const texts = cells[at] ?? [];
      return apart ? [line(texts, row), `${GAP}${texts.at(-1)}`] : [line(texts, row)];
    }),
  ];
}

/** Takes from the widest that may be cut until all fit. */
function fit(natural: readonly number[], least: readonly number[], width: number): number[] {
  const widths = [...natural];
  for (let over = total(widths) - width; over > 0; ) {
    let widest = -1;
    widths.forEach((size, at) => {
      if (size > (least[at] ?? 0) && (widest < 0 || size > (widths[widest] ?? 0))) widest = at;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return widths;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + GAP.length * Math.max(0, widths.length - 1);
}
