import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { log, metricMeter, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { currentDetails } from '../../common/dead-letter/markdown.js';
import type {
  DeadLetterRecord,
  DeadLetterState,
  DeadLetterStatus,
  StoryEntry,
} from '../../common/dead-letter/record.js';
import { createRedactor } from '../../common/errors/index.js';

const MAX_STORY = 200;
const MAX_PREVIEW = 4_000;

/** What a letter is at the moment, and how it is shown: status, story, page. */
export class Letter {
  status: DeadLetterStatus;
  readonly story: StoryEntry[];
  replays: number;
  /** The original arguments; undefined until they are there. */
  args: Payload[] | undefined;

  constructor(
    readonly record: DeadLetterRecord,
    carried: { readonly story: readonly StoryEntry[]; readonly replays: number } | undefined,
    status: DeadLetterStatus,
  ) {
    this.status = status;
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

  tell(entry: Omit<StoryEntry, 'at'>): void {
    this.story.push({ at: now(), ...entry });
    if (this.story.length > MAX_STORY) this.story.splice(1, this.story.length - MAX_STORY);
    log.info(`Dead letter: ${entry.event}`, {
      letterStatus: this.status,
      by: entry.by,
      reason: entry.reason,
    });
  }

  finish(status: DeadLetterStatus, entry: Omit<StoryEntry, 'at'>): void {
    this.setStatus(status);
    this.tell(entry);
    this.show();
    const { queue, operation } = this.record;
    metricMeter.createCounter('temporal_recovery_dead_letters_closed').add(1, { status, queue, operation });
  }

  state(): DeadLetterState {
    return { status: this.status, record: this.record, story: this.story, replays: this.replays };
  }

  show(): void {
    setCurrentDetails(currentDetails(this.state(), this.preview()));
  }

  /** Arguments as JSON for the page, without secrets; undefined until they are there. */
  private preview(): string | undefined {
    const { args, record } = this;
    if (args === undefined || record.showArguments === false) return undefined;
    const redactor = createRedactor({ keys: record.secretNames });
    const shown = args.map((payload) => {
      if ((payload.data?.length ?? 0) > 50_000) return `(${payload.data?.length} bytes)`;
      try {
        return redactor.json(defaultPayloadConverter.fromPayload(payload));
      } catch {
        return '(in a format only the worker of the activity can read)';
      }
    });
    const text = JSON.stringify(shown, null, 2);
    return text.length > MAX_PREVIEW ? `${text.slice(0, MAX_PREVIEW)}\n… cut` : text;
  }
}

/** Workflow time; in the sandbox `Date` is deterministic. */
export function now(): string {
  return new Date().toISOString();
}
