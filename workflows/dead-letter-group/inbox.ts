import type { RawValue } from '@temporalio/common';
import { log, setHandler } from '@temporalio/workflow';
import { readGroupReport } from '../../common/dead-letter-group/check-input.js';
import type { GroupReport, GroupSnapshot } from '../../common/dead-letter-group/messages.js';
import {
  exampleOf,
  GROUP_ORDERS,
  type GroupOrderKind,
  type ParsedGroupOrder,
  parseGroupOrder,
} from '../../common/dead-letter-group/orders.js';
import { defaultRedactor } from '../../common/errors/index.js';
import { beginning, oneLine } from '../../common/text/text.js';
import { readJson } from '../messages/read-json.js';
import { senderIdentity } from '../messages/sender.js';
import { wasUndecodable } from '../messages/undecodable.js';
import * as messages from './definitions.js';

const KEPT_NOTES = 5;
/** Characters of what people write: the next run takes no more. */
const MAX_TEXT = 1_000;
/** More workers than these are forgotten, the longest silent first. */
const MAX_WORKERS = 1_000;

const SIGNALS: Readonly<Record<GroupOrderKind, typeof messages.noteSignal>> = {
  note: messages.noteSignal,
  assign: messages.assignSignal,
  link: messages.linkSignal,
  mute: messages.muteSignal,
  unmute: messages.unmuteSignal,
  resolve: messages.resolveSignal,
  setDefault: messages.setDefaultSignal,
  redrive: messages.redriveSignal,
};

const DESCRIPTIONS: Readonly<Record<GroupOrderKind, string>> = {
  note: 'Leave a note for the next reader.',
  assign: 'Say who looks after it.',
  link: 'Link a ticket or a page.',
  mute: 'Send no alerts for some time, or until there are more letters.',
  unmute: 'End the mute.',
  resolve: 'The cause is mended. A new letter makes the group REGRESSED.',
  setDefault: 'What is done with the next letters: wait, discard, park or replayAfterDeploy.',
  redrive: 'Replay the open letters of the group, one first.',
};

/** What its signals and its query ask of a group. */
export interface InboxOwner {
  report(report: GroupReport): void;
  order(order: ParsedGroupOrder): void;
  snapshot(): GroupSnapshot;
  /** Something was rejected: the page shows it. */
  show(): void;
}

/** Where signals come in. Anything can be sent: what cannot be read is noted on the page and changes nothing. */
export class GroupInbox {
  readonly notes: string[] = [];
  /** Last sequence number by worker, the one that reported last at the end. */
  private readonly sequences: Map<string, number>;
  /** Signals in this run. */
  private received = 0;

  constructor(
    private readonly owner: InboxOwner,
    workers: Readonly<Record<string, number>> = {},
  ) {
    this.sequences = new Map(Object.entries(workers));
  }

  /** Signals that came before are handled at once. */
  listen(): void {
    setHandler(messages.reportSignal, (...input: RawValue[]) => this.receiveReport(input), {
      description: 'Internal: letters that a worker has written.',
    });
    for (const kind of GROUP_ORDERS) {
      setHandler(SIGNALS[kind], (...input: RawValue[]) => this.receiveOrder(kind, input), {
        description: `${DESCRIPTIONS[kind]} Input: ${exampleOf(kind)}`,
      });
    }
    setHandler(messages.groupQuery, () => this.owner.snapshot(), {
      description: 'State, counts and story of this group.',
    });
  }

  /** Workers that have reported. */
  get workers(): number {
    return this.sequences.size;
  }

  carried(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.sequences);
  }

  private receiveReport(input: readonly RawValue[]): void {
    if (this.cannotRead('report', input)) return;
    const report = readGroupReport(readJson(input));
    if (typeof report === 'string') {
      log.warn('temporal-recovery: a group of dead letters got an invalid report', { problem: report });
      this.reject(report);
      return;
    }
    if (this.isNew(report)) this.owner.report(report);
  }

  private receiveOrder(kind: GroupOrderKind, input: readonly RawValue[]): void {
    if (this.cannotRead(kind, input)) return;
    const sender = senderIdentity();
    try {
      const order = parseGroupOrder(kind, readJson(input), Date.now());
      const by = order.by?.trim() ? order.by : sender;
      this.owner.order({ ...order, by: clean(by), reason: clean(order.reason), text: clean(order.text) });
    } catch (error) {
      if ((error as Error).name !== 'MalformedGroupOrderError') throw error;
      this.reject(`${sender === undefined ? '' : `${sender}: `}${(error as Error).message}`);
    }
  }

  private cannotRead(what: string, input: readonly RawValue[]): boolean {
    if (!wasUndecodable(input, `input-${this.received++}`)) return false;
    this.reject(`${what}: no codec of the recovery worker can read the input`);
    return true;
  }

  private reject(problem: string): void {
    this.notes.push(beginning(problem, 400));
    if (this.notes.length > KEPT_NOTES) this.notes.shift();
    this.owner.show();
  }

  private isNew({ worker, sequence }: GroupReport): boolean {
    const last = this.sequences.get(worker);
    if (last !== undefined && sequence <= last) return false;
    this.sequences.delete(worker);
    this.sequences.set(worker, sequence);
    const [oldest] = this.sequences.keys();
    if (this.sequences.size > MAX_WORKERS && oldest !== undefined) this.sequences.delete(oldest);
    return true;
  }
}

/** As one line, without secrets, which may make it longer. */
function clean<T extends string | undefined>(text: T): T {
  return (text === undefined ? undefined : beginning(oneLine(defaultRedactor.text(text)), MAX_TEXT)) as T;
}
