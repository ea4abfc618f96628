import type { Client } from '@temporalio/client';
import {
  earlierGroup,
  type GroupRun,
  type NewGroup,
  readGroup,
  reportToGroup,
} from '../../client/dead-letter-group/entity.js';
import { withLimit } from '../../client/server/with-limit.js';
import type { GroupPlace } from '../../common/dead-letter-group/id.js';
import type { GroupReport } from '../../common/dead-letter-group/messages.js';
import { GroupDefault, type GroupPreset } from '../../common/dead-letter-group/state.js';
import { PacedSender } from '../reporting/paced-sender.js';
import { reportDelayMs } from '../reporting/report-delay.js';
import { LetterBatch, type WrittenLetter } from './letter-batch.js';

/** What people have set is read once in this time, and only where a letter is written. */
const FRESH_MS = 10_000;
/** No letter waits longer for it. */
const READ_LIMIT_MS = 1_000;
const SEND_LIMIT_MS = 10_000;
/** Between two reports of a process: with few letters, and with many. */
const INTERVAL_MS = 3_000;
const LONG_INTERVAL_MS = 10_000;
const MANY_LETTERS = 100;

const WAIT: GroupPreset = { action: GroupDefault.WAIT };

/** What all groups of a process have in common. */
export interface GroupsOfProcess {
  /** Identifies the process. */
  readonly worker: string;
  /** Of the recovery worker. */
  readonly taskQueue: string;
  nextSequence(): number;
  /** Whether one more group may be made: now, a moment later, or not. */
  mayMake(): 'now' | 'later' | 'never';
  /** The one that might be made just now was there. */
  notMade(): void;
  fault(where: string, error: unknown): void;
  /** Milliseconds; monotonic. */
  clock(): number;
}

/** A group of which this process has written letters. */
export class FollowedGroup {
  private readonly sender: PacedSender;
  /** Undefined while it is not known; null: there is none. */
  private run: GroupRun | null | undefined;
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;
  private batch = new LetterBatch();
  /** Not acknowledged yet. It goes again as it was, so that it is counted once. */
  private unsent: { readonly batch: LetterBatch; readonly sequence: number } | undefined;
  private lastLetters = 0;
  private workers = 1;
  private cause: NewGroup | undefined;

  constructor(
    private readonly client: Client,
    private readonly place: GroupPlace,
    private readonly process: GroupsOfProcess,
  ) {
    const self = this;
    this.sender = new PacedSender({
      hasMore: () => this.hasMore,
      send: () => this.send(),
      get intervalMs() {
        return self.intervalMs();
      },
      fault: (error) => process.fault('counting letters by group', error),
      clock: process.clock,
    });
  }

  get hasMore(): boolean {
    return this.batch.letters > 0 || this.unsent !== undefined;
  }

  async preset(): Promise<GroupPreset> {
    await this.refresh();
    return (this.run?.isRunning && this.run.memo?.preset) || WAIT;
  }

  add(letter: WrittenLetter, cause: NewGroup, workers: number): void {
    this.cause = cause;
    this.workers = workers;
    this.batch.add(letter, this.process.clock());
    this.sender.within(this.run?.isRunning ? this.intervalMs() : this.alarmMs());
  }

  flush(): Promise<void> {
    return this.sender.flush();
  }

  stop(): void {
    this.sender.stop();
  }

  /** Of many processes that see the first letter at the same moment some are early, and the others know it then. */
  private alarmMs(): number {
    return reportDelayMs('alarm', this.workers, Math.random());
  }

  private intervalMs(): number {
    const reporters = Math.max(this.workers, this.run?.memo?.workers ?? 1);
    const ownMs = this.lastLetters > MANY_LETTERS ? LONG_INTERVAL_MS : INTERVAL_MS;
    return Math.max(ownMs, reportDelayMs('soon', reporters, Math.random()));
  }

  private async refresh(): Promise<void> {
    if (this.process.clock() - this.readAt < FRESH_MS) return this.reading;
    this.readAt = this.process.clock();
    this.reading = this.read().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    try {
      const limit = { limitMs: READ_LIMIT_MS };
      this.run = (await withLimit(this.client, limit, () => readGroup(this.client, this.place))) ?? null;
    } catch (error) {
      this.process.fault('reading the group of a letter', error);
    }
  }

  private async send(): Promise<void> {
    const { cause } = this;
    if (cause === undefined) return;
    if (!this.run?.isRunning && this.unsent === undefined) {
      const may = this.process.mayMake();
      if (may === 'never') this.batch = new LetterBatch();
      if (may !== 'now') return;
      // Another process may have made it meanwhile.
      if (this.workers > 1) await this.read();
      if (this.run?.isRunning) this.process.notMade();
    }
    this.unsent ??= { batch: this.take(), sequence: this.process.nextSequence() };
    const { batch, sequence } = this.unsent;
    const report = batch.report(this.process.worker, sequence, this.process.clock());
    await this.deliver(cause, report);
    this.unsent = undefined;
    this.lastLetters = batch.letters;
  }

  private async deliver(cause: NewGroup, report: GroupReport): Promise<void> {
    const { run } = this;
    const before = run ? earlierGroup(run) : undefined;
    const group = before === undefined ? cause : { ...cause, before };
    await withLimit(this.client, { limitMs: SEND_LIMIT_MS }, () =>
      reportToGroup(this.client, this.process.taskQueue, group, report),
    );
    if (!run?.isRunning) this.run = { runId: '', isRunning: true, memo: undefined };
  }

  private take(): LetterBatch {
    const { batch } = this;
    this.batch = new LetterBatch();
    return batch;
  }
}
