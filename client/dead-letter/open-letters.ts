import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { listExecutions } from '../server/list-executions.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import { quote, startedWithin, visibilityQuery } from './filter.js';
import { summarise } from './listing.js';

/** Letters that are read to find the oldest: more are narrowed down by counts first. */
const MAX_READ = 20;
/** Halves of a time span until one of a year is below a second. */
const MAX_HALVES = 25;
/** Letters that are looked at for the names of further queues. */
const SAMPLE = 10;

/** The open letters of one queue. */
export interface OpenLetters {
  readonly queue: string;
  readonly letters: number;
  /** When the oldest was written; undefined without letters. */
  readonly oldest: Date | undefined;
}

/**
 * Looks at the open letters of a namespace by visibility: one count where there are none, else two requests for each queue, and
 * some more when its oldest letter has been closed. It keeps the queues that it has found.
 */
export class OpenLetterSurvey {
  private readonly known = new Map<string, Date | undefined>();

  constructor(
    private readonly client: Client,
    /** Queues that are always there, with 0 letters where they have none. */
    queues: readonly string[] = [],
    /** Queues that are found at the most: a name is a label of a metric. */
    private readonly maxQueues = 50,
  ) {
    this.know(queues);
  }

  /** Queues that another process has found: the next look is at these, too. */
  know(queues: readonly string[]): void {
    for (const queue of queues) if (!this.known.has(queue)) this.known.set(queue, undefined);
  }

  async take(): Promise<OpenLetters[]> {
    const open = visibilityQuery({ open: true });
    let left = await this.count(open);
    if (left === 0) return this.none();
    const found: OpenLetters[] = [];
    for (const queue of this.known.keys()) left -= await this.add(found, queue);
    while (left > 0 && this.known.size < this.maxQueues) {
      const names = await this.furtherQueues(open);
      if (names.length === 0) break;
      for (const queue of names) left -= await this.add(found, queue);
    }
    return found;
  }

  private none(): OpenLetters[] {
    return [...this.known.keys()].map((queue) => ({ queue, letters: 0, oldest: undefined }));
  }

  private async add(found: OpenLetters[], queue: string): Promise<number> {
    const query = visibilityQuery({ queue, open: true });
    const letters = await this.count(query);
    const oldest = letters === 0 ? undefined : await this.oldestOf(query, letters, this.known.get(queue));
    this.known.set(queue, oldest);
    found.push({ queue, letters, oldest });
    return letters;
  }

  /** Queues of open letters that are not known yet. */
  private async furtherQueues(open: string): Promise<string[]> {
    const others = [...this.known.keys()].map((name) => ` AND ${SEARCH_ATTRIBUTES.queue} != ${quote(name)}`);
    const query = `${open} AND ${SEARCH_ATTRIBUTES.queue} IS NOT NULL${others.join('')}`;
    const names = new Set<string>();
    let seen = 0;
    for await (const execution of this.list(query, SAMPLE)) {
      const { queue } = summarise(execution);
      if (queue !== undefined && !this.known.has(queue)) names.add(queue);
      if (++seen >= SAMPLE) break;
    }
    return [...names].slice(0, this.maxQueues - this.known.size);
  }

  /**
   * To a second. The server lists the newest first, and the oldest is wanted: halves the time until few letters are left. Letters only get
   * older, so the oldest of the last time still is it for as long as it is open.
   */
  private async oldestOf(
    query: string,
    letters: number,
    before: Date | undefined,
  ): Promise<Date | undefined> {
    let until: number | undefined;
    let count = letters;
    if (before !== undefined) {
      const asBefore = await this.count(query + startedWithin({ until: before.getTime() + 1 }));
      if (asBefore > 0) return before;
    }
    let from = before?.getTime() ?? Date.now() - YEAR_MS;
    let to = Date.now();
    for (let halves = 0; count > MAX_READ && halves < MAX_HALVES; halves++) {
      const middle = Math.floor((from + to) / 2);
      const within = await this.count(query + startedWithin({ until: middle }));
      if (within === 0) from = middle;
      else {
        [to, until, count] = [middle, middle, within];
      }
    }
    let oldest: Date | undefined;
    let read = 0;
    for await (const { startTime } of this.list(query + startedWithin({ until }), MAX_READ)) {
      if (oldest === undefined || startTime < oldest) oldest = startTime;
      // More than that were written in the same second.
      if (++read >= MAX_READ) break;
    }
    return oldest;
  }

  private async count(query: string): Promise<number> {
    return (await recoveryDataClient(this.client).workflow.count(query)).count;
  }

  private list(query: string, pageSize: number) {
    return listExecutions(this.client, { query, pageSize });
  }
}

const YEAR_MS = 365 * 24 * 3_600_000;
