import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import type { FailureCount } from '../../common/dead-letter/failures.js';
import { currentDetails } from '../../common/dead-letter/markdown.js';
import type { OriginSeen, OriginStatus } from '../../common/dead-letter/origin-status.js';
import {
  answerPreview,
  pagePreview,
  shownArguments,
  storyPreview,
} from '../../common/dead-letter/preview.js';
import type {
  DeadLetterRecord,
  DeadLetterState,
  DeadLetterStatus,
  LaterSuccess,
  RecordFailures,
  RequestOutcome,
  StoryEntry,
} from '../../common/dead-letter/record.js';
import { redactorOf } from '../../common/dead-letter/record-redaction.js';
import type { Redactor } from '../../common/errors/index.js';
import { isTooDeep } from '../../common/payload/json-depth.js';
import { cutBytes, oneLine } from '../../common/text/text.js';
import { count } from '../telemetry/count.js';
import type { ParsedRequest } from './input.js';

const MAX_STORY = 200;
/** Bytes. The whole message of an error is in the failure of its activity. */
const MAX_STORY_MESSAGE = 2_000;
const MAX_SHOWN_ARGUMENTS = 100;

/** What a letter is at the moment, and how it is shown: status, story, page. */
export class Letter {
  status: DeadLetterStatus;
  readonly story: StoryEntry[];
  replays: number;
  /** The original arguments; undefined until they are there. */
  args: Payload[] | undefined;
  private readonly redactor: Redactor;
  /** The circuit breaker that holds it; absent unless it is HELD. */
  breaker: string | undefined;
  /** The last look at the workflow it came from. */
  origin: OriginSeen | undefined;
  /** Of a letter that all failures of one record share. */
  failures: FailureCount | undefined;
  /** What did the work, where it was superseded. */
  supersededBy: LaterSuccess | undefined;
  /** The id of the request that ended it, where it had one. */
  endedBy: string | undefined;

  constructor(
    readonly record: DeadLetterRecord,
    carried: { readonly story: readonly StoryEntry[]; readonly replays: number } | undefined,
    status: DeadLetterStatus,
  ) {
    this.status = status;
    if (status === 'HELD') this.breaker = record.held?.breaker;
    this.redactor = redactorOf(record);
    this.story = carried ? [...carried.story] : [{ at: record.createdAt, event: 'dead-lettered' }];
    this.replays = carried?.replays ?? 0;
  }

  get isFinal(): boolean {
    return this.status !== 'WAITING' && this.status !== 'HELD' && this.status !== 'REPLAYING';
  }

  setStatus(status: DeadLetterStatus): void {
    this.status = status;
    // Only what the starter knows to be registered: any other name would wedge the workflow.
    if (this.record.searchAttributes.includes(SEARCH_ATTRIBUTES.status)) {
      upsertSearchAttributes({ [SEARCH_ATTRIBUTES.status]: [status] });
    }
  }

  /** What people wrote comes here as they wrote it: it goes on as one line, without secrets. */
  addToStory(given: Omit<StoryEntry, 'at'>): void {
    const by = this.clean(given.by);
    const reason = this.clean(given.reason);
    const message = this.clean(given.message);
    const short = message === undefined ? undefined : cutBytes(message, MAX_STORY_MESSAGE);
    const entry = { at: nowIso(), ...given, by, reason, message: short };
    this.story.push(entry);
    if (this.story.length > MAX_STORY) this.story.splice(1, this.story.length - MAX_STORY);
    const { record, status: letterStatus } = this;
    log.info(`Dead letter: ${given.event}`, { deadLetterId: record.id, letterStatus, by, reason });
  }

  finish(status: DeadLetterStatus, entry: Omit<StoryEntry, 'at'>): void {
    this.setStatus(status);
    this.addToStory(entry);
    this.show();
    const { queue, operation } = this.record;
    count('dead_letters_closed', { status, queue, operation });
  }

  /** A replay has ended: counted, whatever its outcome. */
  replayEnded(outcome: 'REPLAYED' | 'FAILED' | 'HELD'): void {
    const { queue, operation } = this.record;
    count('replays', { queue, operation, outcome });
  }

  /** What has become of a request that was answered before: one that was held may have been let through since. */
  currentOutcome(answer: RequestOutcome): RequestOutcome {
    const { status } = this;
    if (answer.outcome !== 'HELD' || status === 'HELD') return { ...answer, status };
    const { seen } = this;
    if (status === 'REPLAYED') return { outcome: 'REPLAYED', status, ...seen };
    if (status === 'REPLAYING') return { outcome: 'RUNNING', status, ...seen };
    const last = this.story.findLast(({ event }) => event === 'replay-failed');
    if (status === 'WAITING') return { outcome: 'FAILED', status, message: last?.message, ...seen };
    return { outcome: 'SKIPPED', status, message: `The letter was ${status} meanwhile` };
  }

  /** What became of the workflow it came from, for an answer or the story. */
  get seen(): { readonly origin?: OriginStatus } {
    return this.origin === undefined ? {} : { origin: this.origin.status };
  }

  /** The work was done by a later call. */
  supersede(success: LaterSuccess): void {
    this.supersededBy = success;
    const { workflowId, runId, activityId } = success;
    const message = `workflow ${workflowId}, run ${runId}, activity ${activityId}`;
    this.finish('SUPERSEDED', { event: 'superseded', message });
  }

  /** Logged and counted, so that work without a decision is seen in log and metrics. */
  expire(): void {
    this.finish('EXPIRED', { event: 'expired' });
    const { id, queue, operation } = this.record;
    log.warn('temporal-recovery: a dead letter expired, its work was not done', {
      deadLetterId: id,
      queue,
      operation,
    });
  }

  /** Says that a request came too late. */
  skip({ kind, request }: ParsedRequest): RequestOutcome {
    const message = `The letter was ${this.status} already; ${kind} did nothing`;
    this.addToStory({ event: 'replay-skipped', by: request.by, reason: request.reason, message });
    return { outcome: 'SKIPPED', status: this.status, message };
  }

  state(): DeadLetterState {
    const { status, record, story, replays, endedBy, breaker, origin, failures, supersededBy } = this;
    return {
      ...{ status, record, story, replays },
      ...(failures === undefined ? {} : { failures: withoutFingerprints(failures) }),
      ...(supersededBy === undefined ? {} : { supersededBy }),
      ...(endedBy === undefined ? {} : { endedBy }),
      ...(breaker === undefined || status !== 'HELD' ? {} : { breaker }),
      ...(origin === undefined ? {} : { origin }),
    };
  }

  /** Arguments to answer with: as on the page, and as text that is cut where they are long. */
  preview(args: readonly Payload[]): unknown {
    if (this.record.showArguments === false) return '(arguments of this queue are not shown)';
    return answerPreview(this.shown(args));
  }

  show(): void {
    setCurrentDetails(currentDetails(this.state(), this.argumentsPreview()));
  }

  /** The beginning of some arguments, for the story; undefined where arguments are not to be shown. */
  previewOf(args: readonly Payload[]): string | undefined {
    return this.record.showArguments === false ? undefined : storyPreview(this.shown(args));
  }

  /** Arguments as JSON for the page; undefined until they are there. */
  private argumentsPreview(): string | undefined {
    const { args, record } = this;
    return args === undefined || record.showArguments === false ? undefined : pagePreview(this.shown(args));
  }

  /** Arguments as JSON, without secrets and what is not to be shown. */
  private shown(args: readonly Payload[]): unknown[] {
    const decoded = args.slice(0, MAX_SHOWN_ARGUMENTS).map((payload) => {
      if ((payload.data?.length ?? 0) > 50_000) return `(${payload.data?.length} bytes)`;
      try {
        const value = defaultPayloadConverter.fromPayload(payload);
        return isTooDeep(value) ? '(nested too deep to be shown)' : value;
      } catch {
        return '(in a format only the worker of the activity can read)';
      }
    });
    const more = args.length - decoded.length;
    const shown = shownArguments(decoded, this.record.redact, this.redactor);
    return more === 0 ? shown : [...shown, `(and ${more} more arguments)`];
  }

  /** As one line, without secrets. */
  clean<T extends string | undefined>(text: T): T {
    return (text === undefined ? undefined : oneLine(this.redactor.text(text))) as T;
  }
}

function withoutFingerprints({ known: _, ...failures }: FailureCount): RecordFailures {
  return failures;
}

/** Workflow time; in the sandbox `Date` is deterministic. */
export function nowIso(): string {
  return new Date().toISOString();
}
