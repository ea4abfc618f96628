import { styleText } from 'node:util';
import { printableJson } from './printable-json.js';
import { type Column, table } from './table.js';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a command's answer goes: for people as text, with `--json` as one JSON document, both to stdout. */
export class Output {
  readonly isTerminal = process.stdout.isTTY === true;
  private readonly colours: boolean;

  constructor(readonly json: boolean) {
    this.colours = this.isTerminal && !json && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  }

  /** The answer. Only one of the two is shown. */
  answer(document: unknown, forPeople: () => readonly string[]): void {
    this.write(this.json ? [printableJson(document)] : forPeople());
  }

  /** A line for people while something goes on; nothing with `--json`. */
  say(...lines: string[]): void {
    if (!this.json) this.write(lines);
  }

  /** For people in any case, but never in the way of the answer: to stderr. */
  note(...lines: string[]): void {
    for (const line of lines) process.stderr.write(`${line}\n`);
  }

  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
    return table(rows, columns, { width: this.width, heading: (text) => this.style('bold', text) });
  }

  style(style: Style, text: string): string {
    return this.colours && text !== '' ? styleText(style, text) : text;
  }

  get width(): number | undefined {
    return this.isTerminal ? process.stdout.columns : undefined;
  }

  private write(lines: readonly string[]): void {
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  }
}
