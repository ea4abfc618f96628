import { RawValue } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { defaultRedactor } from '../../common/errors/index.js';
import { LimitBook } from '../../common/limit/book.js';
import { describeLimit, type Limit, sameLimit } from '../../common/limit/limit.js';
import { limitDetails } from '../../common/limit/markdown.js';
import type { LeaseAnswer, LeaseRequest, LimitMemo, LimitSnapshot } from '../../common/limit/messages.js';
import { parseLimitOrder } from '../../common/limit/orders.js';
import { LimitRules } from '../../common/limit/rules.js';
import type { LimitWorkflowInput } from '../../common/limit/workflow-input.js';
import { beginning, utf8Length } from '../../common/text/text.js';
import { readJson } from '../messages/read-json.js';
import { readableStart } from '../messages/readable-start.js';
import { senderIdentity } from '../messages/sender.js';
import { wasUndecodable } from '../messages/undecodable.js';
import * as messages from './definitions.js';
import { readAcceptedLease, readLeaseRequest, readLimitInput } from './read-input.js';

/** How a limit ended that was not used for a long time. It starts again when it is needed. */
export interface LimitOutcome {
  readonly name: string;
  readonly ended: 'idle';
}

/** Without a request for this time, and with nothing in its long windows, it is not needed. */
const IDLE_MS = 24 * 3_600_000;
const MAX_NOTES = 5;
/** Where the worker does not say for how long. */
const STATED_MS = 3_600_000;
/** The server ends a workflow whose input is above 2 MB; a codec may make it larger. */
const MAX_STATE_BYTES = 1_400_000;

/**
 * A limit that the workers share. Workers ask with the update `lease`, and a lease ends by itself: a worker that dies
 * gives it back by that.
 */
export async function limit(input?: RawValue): Promise<LimitOutcome> {
  const later = readableStart('limit', [input]);
  const [read] = later === undefined ? [input] : await later;
  return new LimitEntity(readLimitInput(read)).live();
}

class LimitEntity {
  private readonly rules: LimitRules;
  private readonly book: LimitBook;
  private readonly notes: string[] = [];
  private usedAt = Date.now();
  /** Signals in this run. */
  private received = 0;
  /** The timer has to be set again. */
  private isDueChanged = false;
  private memo: LimitMemo;

  constructor(private readonly input: LimitWorkflowInput) {
    this.rules = new LimitRules(input);
    this.book = new LimitBook(this.rules, input.book);
    this.memo = this.memoNow();
    this.listen();
  }

  async live(): Promise<LimitOutcome> {
    const { idleMs = IDLE_MS } = this.input;
    for (;;) {
      this.refresh();
      this.isDueChanged = false;
      const dueAt = this.rules.nextEnd ?? this.usedAt + idleMs;
      const isDue = () => workflowInfo().continueAsNewSuggested || this.isDueChanged;
      if (!isDue()) await condition(isDue, Math.max(1, dueAt - Date.now()));
      this.refresh();
      if (workflowInfo().continueAsNewSuggested) {
        await condition(allHandlersFinished);
        return this.continueAsNew();
      }
      const isUnused = Date.now() >= this.usedAt + idleMs && !this.rules.hasChanges;
      if (isUnused && this.book.isIdle(Date.now())) return { name: this.input.name, ended: 'idle' };
      // A long window is still in use: it looks again later.
      if (isUnused) this.usedAt = Date.now();
    }
  }

  private listen(): void {
    setHandler(messages.leaseUpdate, (...input: RawValue[]) => this.lease(readAcceptedLease(input)), {
      validator: (...input: RawValue[]) => {
        readLeaseRequest(input);
      },
      description: 'Internal: a worker asks what it may use of the limit.',
    });
    setHandler(messages.setLimitSignal, (...input: RawValue[]) => this.order('setLimit', input), {
      description:
        'Another limit than the configured one. Input: {"windows": [{"calls": 20, "per": "1 second"}], "concurrency": 5, "key": "tenant-7", "by": "you", "reason": "why", "expiresIn": "2 hours"} (windows or concurrency; the others are optional)',
    });
    setHandler(messages.clearLimitSignal, (...input: RawValue[]) => this.order('clearLimit', input), {
      description:
        'Back to the configured limit. Input: {"key": "tenant-7", "by": "you", "reason": "why"} (all optional)',
    });
    setHandler(messages.stateQuery, () => this.snapshot(), {
      description: 'The limit, who has changed it, and who uses it.',
    });
  }

  private lease(request: LeaseRequest): LeaseAnswer {
    const now = Date.now();
    this.usedAt = now;
    this.rules.tick(now);
    this.rules.configure(request.limit, request.configuredAt, now);
    const answer = this.book.lease(request, now);
    this.refresh();
    return answer;
  }

  private order(kind: 'setLimit' | 'clearLimit', input: readonly RawValue[]): void {
    const sender = senderIdentity();
    if (wasUndecodable(input, `input-${this.received++}`)) {
      this.note(`${kind}: no codec of the recovery worker can read the input; nothing changed`);
      return;
    }
    try {
      const order = parseLimitOrder(kind, readJson(input));
      const { by: named, reason, key, limit: wanted, expiresInMs, isStated } = order;
      const now = Date.now();
      this.usedAt = now;
      if (isStated && wanted !== undefined) {
        this.takeStated(key, wanted, now + (expiresInMs ?? STATED_MS));
        return;
      }
      const by = named?.trim() ? named : sender;
      const why = reason && defaultRedactor.text(reason);
      if (wanted === undefined) this.rules.clear(key, { by, why }, now);
      else {
        const expiresAt = expiresInMs === undefined ? undefined : now + expiresInMs;
        const isKept = this.rules.set(key, { limit: wanted, by, why, since: now, expiresAt });
        if (!isKept) this.note(`${kind}: too many keys have a limit of their own; clear one of them first`);
      }
      log.info(`Limit ${this.input.name}: ${this.rules.shown.changes.at(-1) ?? 'not changed'}`);
    } catch (error) {
      if ((error as Error).name !== 'MalformedLimitOrderError') throw error;
      this.note(`${sender === undefined ? '' : `${sender}: `}${(error as Error).message}`);
    }
    this.isDueChanged = true;
    this.refresh();
  }

  /** What the service states; most workers state the same. */
  private takeStated(key: string | undefined, limit: Limit, expiresAt: number): void {
    if (!this.rules.takeStated(key, { limit, since: Date.now(), expiresAt })) return;
    log.info(`Limit ${this.input.name}: the service states ${describeLimit(limit)}`);
    this.isDueChanged = true;
    this.refresh();
  }

  private note(text: string): void {
    this.notes.push(beginning(text, 300));
    if (this.notes.length > MAX_NOTES) this.notes.shift();
  }

  /** The page, and the memo, which lists show. */
  private refresh(): void {
    this.rules.tick(Date.now());
    const { namespace } = workflowInfo();
    setCurrentDetails(limitDetails(this.snapshot(), { namespace, notes: this.notes }));
    const memo = this.memoNow();
    if (sameLimit(memo.limit, this.memo.limit) && memo.changed === this.memo.changed) return;
    this.memo = memo;
    upsertMemo({ limit: memo });
  }

  private snapshot(): LimitSnapshot {
    return {
      name: this.input.name,
      ...this.rules.shown,
      workers: this.book.size,
      keys: this.book.shown(Date.now()),
    };
  }

  private memoNow(): LimitMemo {
    const { limit, changed, changedKeys, stated } = this.rules.shown;
    const ofAll = stated.find(({ key }) => key === undefined);
    const parts = [
      changed &&
        [
          `by ${changed.by ?? 'a person'}`,
          changed.why,
          changed.expiresAt === undefined ? undefined : `until ${changed.expiresAt}`,
        ]
          .filter(Boolean)
          .join(', '),
      changedKeys.length > 0 &&
        `${changedKeys.length} ${changedKeys.length === 1 ? 'key' : 'keys'} with another limit`,
      ofAll !== undefined && `the service states ${describeLimit(ofAll.limit)}, until ${ofAll.expiresAt}`,
    ].filter(Boolean);
    const name = beginning(this.input.name, 1_000);
    return {
      v: 1,
      name,
      limit,
      ...(parts.length === 0 ? {} : { changed: beginning(parts.join('; '), 500) }),
    };
  }

  private continueAsNew(): Promise<never> {
    const { name, idleMs } = this.input;
    const next = makeContinueAsNewFunc<typeof limit>({ memo: { limit: this.memo } });
    const rules = { v: 1, name, idleMs, ...this.rules.state } as const;
    const room = MAX_STATE_BYTES - utf8Length(JSON.stringify(rules));
    const input: LimitWorkflowInput = { ...rules, book: this.book.carryOver(Date.now(), room) };
    return next(new RawValue(input));
  }
}
