import type { Figure } from './stage.js';

/** A scene that was played. */
export interface Chapter {
  readonly title: string;
  readonly figures: readonly Figure[];
}

const WIDTH = 40;

/** The closing table, and whether all promises were kept. */
export function report(chapters: readonly Chapter[]): { lines: string[]; isKept: boolean } {
  const lines = chapters.flatMap(({ title, figures }) => ['', title, ...figures.map(lineOf)]);
  const broken = chapters.flatMap(({ figures }) => figures).filter(({ isKept }) => !isKept).length;
  const summary = broken === 0 ? 'All promises were kept.' : `Promises that were not kept: ${broken}`;
  return {
    lines: [
      '',
      'Counted at the service; letters and waiting calls at the Temporal server:',
      ...lines,
      '',
      summary,
    ],
    isKept: broken === 0,
  };
}

function lineOf({ label, value, isKept }: Figure): string {
  return `  ${`${label}:`.padEnd(WIDTH)} ${String(value).padStart(10)}${isKept ? '' : '   NOT KEPT'}`;
}
