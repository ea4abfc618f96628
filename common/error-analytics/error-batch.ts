import { beginning } from '../text/text.js';
import type { ReportedErrors } from './messages.js';

/** One error, as a worker sees it. */
export interface SeenError extends Omit<ReportedErrors, 'count' | 'agoMs'> {
  readonly operation: string;
}

interface Cell {
  readonly minute: number;
  readonly cause: Omit<ReportedErrors, 'count' | 'agoMs'>;
  count: number;
  /** Milliseconds; of the same clock as `add`. */
  lastAt: number;
}

const MINUTE_MS = 60_000;
/** Causes of one report; further ones are counted by category only. */
const MAX_CAUSES = 100;
/** Minutes that a report tells apart, should it wait that long. */
const MAX_MINUTES = 60;
const MAX_NAME = 200;
const MAX_PATTERN = 200;

/** Errors that wait to be reported: counted by cause and minute, in bounded memory. */
export class ErrorBatch {
  private readonly cells = new Map<string, Cell>();
  /** Cells that name an operation. */
  private causes = 0;

  get isEmpty(): boolean {
    return this.cells.size === 0;
  }

  /** @param at milliseconds, never less than before */
  add(error: SeenError, at: number): void {
    const minute = Math.floor(at / MINUTE_MS);
    const { category, operation, host, group } = error;
    const key = JSON.stringify([minute, category, operation, host, group]);
    const known = this.cells.get(key);
    if (known !== undefined) countIn(known, 1, at);
    else if (this.causes < MAX_CAUSES) {
      this.causes++;
      this.cells.set(key, { minute, cause: shortened(error), count: 1, lastAt: at });
    } else this.addRest(category, minute, at);
  }

  /** @param now of the same clock as `add` */
  report(now: number): ReportedErrors[] {
    return [...this.cells.values()]
      .map(({ cause, count, lastAt }) => ({ ...cause, count, agoMs: Math.max(0, Math.round(now - lastAt)) }))
      .sort((a, b) => a.count - b.count);
  }

  private addRest(category: string, minute: number, at: number): void {
    const key = JSON.stringify([minute, category]);
    const known = this.cells.get(key);
    if (known !== undefined) {
      countIn(known, 1, at);
      return;
    }
    this.cells.set(key, { minute, cause: { category }, count: 1, lastAt: at });
    this.forgetTimes(minute - MAX_MINUTES);
  }

  /** What could not be reported for very long is all of the oldest minute. */
  private forgetTimes(oldest: number): void {
    for (const [key, { minute, cause, count, lastAt }] of this.cells) {
      if (cause.operation !== undefined || minute >= oldest) continue;
      this.cells.delete(key);
      const known = this.cells.get(JSON.stringify([oldest, cause.category]));
      if (known !== undefined) countIn(known, count, lastAt);
      else this.cells.set(JSON.stringify([oldest, cause.category]), { minute: oldest, cause, count, lastAt });
    }
  }
}

function countIn(cell: Cell, count: number, at: number): void {
  cell.count += count;
  cell.lastAt = Math.max(cell.lastAt, at);
}

function shortened({ category, operation, host, group, statusCode, pattern }: SeenError): Cell['cause'] {
  return {
    category,
    operation: beginning(operation, MAX_NAME),
    ...(host === undefined ? {} : { host: beginning(host, MAX_NAME) }),
    ...(group === undefined ? {} : { group }),
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(pattern === undefined ? {} : { pattern: beginning(pattern, MAX_PATTERN) }),
  };
}
