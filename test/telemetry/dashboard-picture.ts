// Draws docs/grafana/temporal-recovery.svg from answers of a Prometheus: one chart for each panel, as Grafana places them.
import type { Range } from './prometheus.js';

export interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export interface Line {
  readonly legend: string;
  readonly points: Range['values'];
}

const WIDTH = 465;
const HEIGHT = 175;
const GAP = 15;
/** Where the lines are; beside it is the legend. */
const CHART = { left: 10, right: 300, top: 30, bottom: 165 };
const COLOURS = ['#3b7dd8', '#d97f1e', '#2f9e5b', '#c0392b', '#8e5bb5', '#777', '#b8860b', '#008b8b'];
/** More lines of a legend do not fit. */
const LEGENDS = 9;

/** @param lines of each panel, in their order */
export function drawDashboard(panels: readonly Panel[], lines: readonly (readonly Line[])[]): string {
  const times = lines
    .flat()
    .flatMap(({ points }) => points)
    .map(([time]) => time);
  const from = Math.min(...times);
  const to = Math.max(...times);
  const rows = [...new Set(panels.map(({ gridPos }) => gridPos.y))].sort((a, b) => a - b);
  const size = [2 * (WIDTH + GAP) + 10, rows.length * (HEIGHT + GAP) + 10] as const;
  const charts = panels.map((panel, at) => {
    const x = 10 + (panel.gridPos.x === 0 ? 0 : WIDTH + GAP);
    const y = 10 + rows.indexOf(panel.gridPos.y) * (HEIGHT + GAP);
    return `<g transform="translate(${x},${y})">${drawPanel(panel, lines[at] ?? [], from, to)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(' ')}" font-family="sans-serif" font-size="11">`,
    `<rect width="${size[0]}" height="${size[1]}" fill="#f4f5f7"/>`,
    ...charts,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, fieldConfig }: Panel, lines: readonly Line[], from: number, to: number): string {
  const highest = Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => Number(value))));
  const x = (time: number) =>
    CHART.left + ((time - from) / Math.max(to - from, 1)) * (CHART.right - CHART.left);
  const y = (value: number) => CHART.bottom - (value / (highest || 1)) * (CHART.bottom - CHART.top);
  const drawn = lines.map(({ points }, at) => {
    const path = points.map(([time, value]) => `${x(time).toFixed(1)},${y(Number(value)).toFixed(1)}`);
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour(at)}" stroke-width="1.5"/>`;
  });
  const legend = lines
    .slice(0, LEGENDS)
    .map(
      ({ legend }, at) => `<text x="312" y="${40 + at * 15}" fill="${colour(at)}">${escaped(legend)}</text>`,
    );
  const most = `max ${Number(highest.toPrecision(3))} ${fieldConfig.defaults.unit}`;
  return [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff" stroke="#ccc"/>`,
    `<text x="10" y="18" font-weight="bold">${escaped(title)}</text>`,
    `<text x="455" y="18" text-anchor="end" fill="#666">${escaped(most)}</text>`,
    ...drawn,
    ...legend,
  ].join('');
}

const colour = (at: number) => COLOURS[at % COLOURS.length];

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The titles of the charts, in their order. */
export function titlesOf(svg: string): string[] {
  return [...svg.matchAll(/font-weight="bold">([^<]*)</g)].map(([, title = '']) => title);
}
