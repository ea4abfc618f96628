import { styleText } from 'node:util';
import type { Letter } from './dead-letters.js';
import type { FailedAttempts } from './failed-attempts.js';

/** What the live part of the display shows. */
export interface View {
  readonly records: number;
  readonly target: { readonly healthy: boolean; readonly text: string };
  readonly written: number;
  readonly retrying: number;
  readonly deadLetters: number;
  readonly replayed: number;
  readonly failedAttempts: ReadonlyMap<string, FailedAttempts>;
  readonly letters: readonly Letter[];
}

export type Style = Parameters<typeof styleText>[0];

const REPAINT_MS = 120;
const PLAIN_LINE_MS = 1_000;
const LETTERS_SHOWN = 4;

/** Lines that stay, above a block that is repainted; without a terminal, lines only. */
export class Display {
  readonly #out = process.stdout;
  readonly #started = Date.now();
  readonly #colours = this.#out.isTTY === true && process.env.NO_COLOR === undefined;
  #view: (() => View) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #painted = 0;
  #lastLine = '';

  get isTerminal(): boolean {
    return this.#out.isTTY === true;
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (Date.now() - this.#started) / 1000;
  }

  style(style: Style, text: string): string {
    return this.#colours ? styleText(style, text) : text;
  }

  /** Writes lines that stay. */
  print(...lines: string[]): void {
    this.#erase();
    for (const line of lines) this.#out.write(`${line}\n`);
    this.#paint();
  }

  /** Writes an event with the time since the start. */
  event(text: string, style: Style = 'reset'): void {
    this.print(`${this.style('dim', clock(this.seconds))}  ${this.style(style, text)}`);
  }

  /** Shows a view until `hide()`. */
  show(view: () => View): void {
    this.hide();
    this.#view = view;
    this.#timer = setInterval(
      () => (this.isTerminal ? this.print() : this.#plainLine()),
      this.isTerminal ? REPAINT_MS : PLAIN_LINE_MS,
    );
    this.print();
  }

  /** Takes the view away; without a terminal, its last state is written as a line. */
  hide(): void {
    if (this.#view === undefined) return;
    clearInterval(this.#timer);
    this.#erase();
    if (!this.isTerminal) this.#plainLine();
    this.#view = undefined;
  }

  #plainLine(): void {
    const view = this.#view?.();
    if (view === undefined) return;
    const line = `${counts(view).join('  ')}  target: ${view.target.text}`;
    if (line === this.#lastLine) return;
    this.#lastLine = line;
    this.#out.write(`${clock(this.seconds)}  ${line}\n`);
  }

  #erase(): void {
    if (this.#painted > 0) this.#out.write(`\x1b[${this.#painted}A\r\x1b[J`);
    this.#painted = 0;
  }

  #paint(): void {
    const view = this.#view?.();
    if (view === undefined || !this.isTerminal) return;
    const lines = this.#block(view).slice(0, (this.#out.rows || 24) - 1);
    this.#out.write(lines.map((line) => `${line}\n`).join(''));
    this.#painted = lines.length;
  }

  #block(view: View): string[] {
    const columns = Math.min(this.#out.columns || 80, 110);
    const fit = (text: string) => (text.length > columns - 1 ? `${text.slice(0, columns - 2)}…` : text);
    const { healthy, text } = view.target;
    const [written = '', ...others] = counts(view);

    const lines = [
      '',
      ` target  ${this.style(healthy ? 'green' : ['red', 'bold'], `${healthy ? '●' : '✖'} ${text}`)}`,
      ` ${this.#bar(view, columns - 3)}`,
      ` ${this.style('bold', written)}   ${others.join('   ')}`,
    ];
    if (view.failedAttempts.size > 0) {
      lines.push('', this.style('bold', ' failed attempts'));
      for (const [category, { count, message }] of byCount(view.failedAttempts)) {
        lines.push(fit(`  ${String(count).padStart(5)}  ${category.padEnd(11)} ${message}`));
      }
    }
    if (view.letters.length > 0) {
      lines.push('', this.style('bold', ' dead letters, latest'));
      for (const { cca3, category, message } of view.letters.slice(-LETTERS_SHOWN).reverse()) {
        lines.push(fit(`    ${cca3}  ${category.padEnd(11)} ${message}`));
      }
    }
    return lines;
  }

  #bar(view: View, width: number): string {
    const { records, written, replayed, deadLetters, retrying } = view;
    const parts: readonly (readonly [number, Style, string])[] = [
      [written, 'green', '█'],
      [replayed, 'cyan', '█'],
      [deadLetters - replayed, 'red', '▓'],
      [retrying, 'yellow', '▒'],
    ];
    let bar = '';
    let sum = 0;
    let drawn = 0;
    for (const [count, style, character] of parts) {
      sum += count;
      const end = Math.min(width, Math.round((sum / records) * width));
      bar += this.style(style, character.repeat(Math.max(0, end - drawn)));
      drawn = Math.max(drawn, end);
    }
    return bar + this.style('dim', '░'.repeat(width - drawn));
  }
}

function counts({ records, written, retrying, deadLetters, replayed }: View): string[] {
  return [
    `${written + replayed}/${records} written`,
    `retrying ${retrying}`,
    `dead-lettered ${deadLetters}`,
    `replayed ${replayed}`,
  ];
}

function byCount(attempts: ReadonlyMap<string, FailedAttempts>): [string, FailedAttempts][] {
  return [...attempts].sort(([, a], [, b]) => b.count - a.count);
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}
