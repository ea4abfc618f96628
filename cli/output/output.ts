import { styleText } from 'node:util';
import { isJson, type OutputFormat } from './format.js';
import { printableJson, printableJsonLine } from './printable-json.js';
import { type Column, table } from './table.js';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a command's answer goes: for people as text, for programs as JSON, both to stdout. */
export class Output {
  readonly isTerminal = process.stdout.isTTY === true;
  /** For programs. */
  readonly json: boolean;
  private readonly colours: boolean;

  constructor(private readonly format: OutputFormat) {
    this.json = isJson(format);
    this.colours = this.isTerminal && !this.json && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  }

  /** The answer. Only one of the two is shown. With `jsonl` each element of a list is a line. */
  answer(document: unknown, forPeople: () => readonly string[]): void {
    if (this.format === 'json') this.write([printableJson(document)]);
    else if (this.format === 'jsonl') this.write([document].flat().map(printableJsonLine));
    else this.write(forPeople());
  }

  /** A line for people while something goes on; nothing with JSON. */
  say(...lines: string[]): void {
    if (!this.json) this.write(lines);
  }

  /** For people in any case, but never in the way of the answer: to stderr. */
  note(...lines: string[]): void {
    for (const line of lines) process.stderr.write(`${line}\n`);
  }

  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
    const isWide = this.format === 'wide';
    return table(
      rows,
      columns.filter(({ wide }) => isWide || !wide),
      { width: isWide ? undefined : this.width, heading: (text) => this.style('bold', text) },
    );
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
