/** What goes on at the moment: on a terminal one line that is written again, elsewhere a line for each change. */
export class StatusLine {
  private last = '';
  private open = false;
  private readonly terminal: boolean;

  constructor(private readonly stream: NodeJS.WriteStream) {
    this.terminal = stream.isTTY === true;
  }

  /** Columns a line may have. */
  get width(): number | undefined {
    return this.terminal ? this.stream.columns : undefined;
  }

  show(text: string): void {
    if (text === this.last) return;
    this.last = text;
    this.stream.write(this.terminal ? `\r\u001b[2K${text}` : `${text}\n`);
    this.open = this.terminal;
  }

  /** Keeps the line; what is written next begins below it. */
  end(): void {
    if (this.open) this.stream.write('\n');
    this.open = false;
  }

  /** Takes the line away, for something that stays in its place. */
  clear(): void {
    if (this.open) this.stream.write('\r\u001b[2K');
    this.open = false;
    this.last = '';
  }
}
