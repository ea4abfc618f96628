import { ActivityFailure, RawValue } from '@temporalio/common';
import {
  condition,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { groupAlert } from '../../common/dead-letter-group/alerts.js';
import { changed } from '../../common/dead-letter-group/change.js';
import { groupInputProblem, groupStateProblem } from '../../common/dead-letter-group/check-input.js';
import { unmutedIfOver, withLetters } from '../../common/dead-letter-group/letters.js';
import { groupDetails } from '../../common/dead-letter-group/markdown.js';
import type {
  GroupInput,
  GroupOutcome,
  GroupReport,
  GroupSnapshot,
} from '../../common/dead-letter-group/messages.js';
import type { ParsedGroupOrder } from '../../common/dead-letter-group/orders.js';
import {
  GroupDefault,
  type GroupEvent,
  type GroupState,
  GroupStatus,
  initialGroup,
  withEntry,
} from '../../common/dead-letter-group/state.js';
import { groupAttributes, groupMemo, groupSnapshot } from '../../common/dead-letter-group/views.js';
import { readResult } from '../messages/raw-values.js';
import { readStart } from '../messages/read-start.js';
import { readableStart } from '../messages/readable-start.js';
import { countOpenLetters } from './activities.js';
import { Deploys } from './deploys.js';
import { GroupInbox } from './inbox.js';
import { redriveIdPrefix, startGroupRedrive } from './redrives.js';
import { sendAlert } from './send-alert.js';

const DAY_MS = 24 * 3_600_000;
/** A group without a letter for this time ends, if none of its letters is open. */
const IDLE_MS = 30 * DAY_MS;
/** Counts are shown in lists this often; what people set, at once. */
const MEMO_MS = 10_000;
const DEFAULT_CANARY = 1;

/** The letters of one cause in one dead-letter queue: counts, what people say of it, and what is done with the next letters. */
export async function deadLetterGroup(input?: RawValue): Promise<GroupOutcome> {
  const later = readableStart('group of dead letters', [input]);
  const [read] = later === undefined ? [input] : await later;
  const start = readStart<GroupInput>(read, 'NoDeadLetterGroup', (value) => {
    const problem = groupInputProblem(value);
    return problem && `The input is not that of a group of dead letters: ${problem}. Workers start groups`;
  });
  return new GroupEntity(start).run();
}

class GroupEntity {
  state: GroupState;
  private readonly inbox: GroupInbox;
  private readonly deploys: Deploys;
  private shownStatus: GroupStatus;
  private isMemoOld = false;
  private isUrgent = false;
  private memoAt = Number.NEGATIVE_INFINITY;
  private isAwake = false;
  private isShowing = false;
  private idleFrom: number;
  /** Steps that a new run would not know. */
  private busy = 0;

  constructor(readonly input: GroupInput) {
    const now = Date.now();
    this.state = carriedOrNew(input, now);
    this.shownStatus = this.state.status;
    this.idleFrom = this.state.lastSeen;
    this.inbox = new GroupInbox(this, input.workers);
    this.deploys = new Deploys(this);
    this.inbox.listen();
  }

  async run(): Promise<GroupOutcome> {
    for (;;) {
      this.tick();
      this.deploys.check();
      this.publish();
      if (this.mustGoOn()) return this.continueAsNew();
      this.isAwake = false;
      await condition(() => this.isAwake || this.mustGoOn(), this.waitMs());
      if (this.isIdle() && (await this.hasEnded())) return this.outcome();
    }
  }

  report(report: GroupReport): void {
    const { state, events } = withLetters(this.state, report, Date.now());
    this.state = state;
    this.idleFrom = Math.max(this.idleFrom, Date.now());
    for (const event of events) this.tell(event);
    // Counts alone can wait for the next memo.
    const isNews = events.length > 0 || state.status !== this.shownStatus || this.isDeployOpen;
    // The timer of the next memo is set once for all reports until then.
    if (!this.isMemoOld) this.isAwake = true;
    this.isMemoOld = true;
    if (isNews) this.changed();
    else this.show();
  }

  order(order: ParsedGroupOrder): void {
    this.state = changed(this.state, order, Date.now());
    this.idleFrom = Math.max(this.idleFrom, Date.now());
    const { queue, group } = this.input;
    log.info(`Group of dead letters: ${order.kind}`, {
      queue,
      group,
      by: order.by,
      orderReason: order.reason,
    });
    if (order.kind === 'redrive') void this.redrive(order, this.state.redrives);
    this.changed();
  }

  snapshot(): GroupSnapshot {
    return groupSnapshot(this.input, this.state);
  }

  /** Once for all signals of a workflow task: of many at the same time each page but the last would be made for nothing. */
  show(): void {
    if (this.isShowing) return;
    this.isShowing = true;
    void Promise.resolve().then(() => {
      this.isShowing = false;
      this.makePage();
    });
  }

  private makePage(): void {
    const { namespace, workflowId } = workflowInfo();
    const { searchAttributes } = this.input;
    setCurrentDetails(
      groupDetails(this.snapshot(), {
        ...{ namespace, workflowId, searchAttributes, notes: this.inbox.notes },
        redrives: { count: this.state.redrives, idPrefix: redriveIdPrefix(this.input) },
      }),
    );
  }

  /** Something that lists show at once, or that is to be followed by a step. */
  changed(): void {
    this.isMemoOld = true;
    this.isUrgent = true;
    this.isAwake = true;
    this.show();
  }

  private get isDeployOpen(): boolean {
    return this.state.preset.action === GroupDefault.REPLAY_AFTER_DEPLOY;
  }

  private tick(): void {
    const state = unmutedIfOver(this.state, Date.now());
    if (state === this.state) return;
    this.state = state;
    this.changed();
  }

  private publish(): void {
    const now = Date.now();
    const { status } = this.state;
    if (status !== this.shownStatus) {
      this.shownStatus = status;
      const attributes = groupAttributes(status, this.input.searchAttributes);
      if (Object.keys(attributes).length > 0) upsertSearchAttributes(attributes);
    }
    this.show();
    if (!this.isMemoOld || (!this.isUrgent && now < this.memoAt + MEMO_MS)) return;
    upsertMemo({ deadLetterGroup: groupMemo(this.input, this.state, this.inbox.workers) });
    this.memoAt = now;
    this.isMemoOld = false;
    this.isUrgent = false;
  }

  private mustGoOn(): boolean {
    return workflowInfo().continueAsNewSuggested && !this.deploys.isStarting && this.busy === 0;
  }

  private waitMs(): number {
    const due = Math.min(
      this.state.mute?.until ?? Number.POSITIVE_INFINITY,
      this.isMemoOld ? this.memoAt + MEMO_MS : Number.POSITIVE_INFINITY,
      this.idleFrom + this.idleMs,
    );
    return Math.max(1, due - Date.now());
  }

  private get idleMs(): number {
    return this.input.idleMs ?? IDLE_MS;
  }

  private isIdle(): boolean {
    return Date.now() >= this.idleFrom + this.idleMs;
  }

  /** What a person has set for the next letters stays. */
  private async hasEnded(): Promise<boolean> {
    const mayEnd = () => this.isIdle() && this.state.preset.action === GroupDefault.WAIT && !this.mustGoOn();
    if (mayEnd() && (await this.openLetters()) === 0 && mayEnd()) return true;
    this.idleFrom = Date.now() - Math.max(0, this.idleMs - DAY_MS);
    return false;
  }

  /** Undefined where the server does not say: it is asked again a day later. */
  private async openLetters(): Promise<number | undefined> {
    const { queue, group } = this.input;
    try {
      return readResult(await countOpenLetters({ queue, group }));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      return undefined;
    }
  }

  private outcome(): GroupOutcome {
    const { queue, group } = this.input;
    const { status, letters } = this.state;
    this.isMemoOld = true;
    this.isUrgent = true;
    this.publish();
    return { queue, group, status, letters, ended: 'idle' };
  }

  private tell(event: GroupEvent): void {
    const { queue, group } = this.input;
    log.warn(`temporal-recovery: group of dead letters: ${event}`, { queue, group });
    if (this.state.status === GroupStatus.MUTED) return;
    this.busy++;
    void sendAlert(groupAlert(this.input, this.state, event, Date.now())).finally(() => {
      this.busy--;
    });
  }

  private async redrive({ canary = DEFAULT_CANARY, rate, by, reason }: ParsedGroupOrder, number: number) {
    this.busy++;
    try {
      const id = await startGroupRedrive(this.input, { number, canary, rate, by, reason });
      this.note(`redrive started: ${id}`);
    } catch (error) {
      this.note(`redrive not started: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.busy--;
    }
  }

  private note(event: string): void {
    this.state = withEntry(this.state, { at: Date.now(), event });
    this.changed();
  }

  private continueAsNew(): Promise<never> {
    const { searchAttributes } = this.input;
    const { status } = this.state;
    const next = makeContinueAsNewFunc<typeof deadLetterGroup>({
      memo: { deadLetterGroup: groupMemo(this.input, this.state, this.inbox.workers) },
      searchAttributes: groupAttributes(status, searchAttributes),
    });
    const input: GroupInput = { ...this.input, state: this.state, workers: this.inbox.carried() };
    return next(new RawValue(input));
  }
}

/** A state that cannot be read ends no group: it starts from zero, and says so. */
function carriedOrNew(input: GroupInput, now: number): GroupState {
  const problem = groupStateProblem(input.state);
  if (problem === undefined) return input.state ?? startOf(input, now);
  const event = `starts from zero, because its earlier state cannot be read: ${problem}`;
  return withEntry(startOf(input, now), { at: now, event });
}

/** A group that ended as resolved, and comes again, has regressed with its first letter. */
function startOf({ before }: GroupInput, now: number): GroupState {
  const first = initialGroup(now);
  if (before === undefined) return first;
  const { note, owner, link } = before;
  const kept = { ...first, note, owner, link };
  return before.status === GroupStatus.RESOLVED
    ? { ...kept, status: GroupStatus.RESOLVED, resolvedAt: 0 }
    : kept;
}
