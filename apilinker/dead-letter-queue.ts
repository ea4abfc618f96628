import { createHash, randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { DEFAULT_QUEUE, DEFAULT_TASK_QUEUE } from '../common/contract.js';
import { groupFingerprint } from '../common/dead-letter/group.js';
import { deadLetterWorkflowId } from '../common/dead-letter/id.js';
import { type QueueOptions, type QueueRules, readQueueOptions } from '../common/dead-letter/queue-options.js';
import { settingsInRecord } from '../common/dead-letter/queue-settings.js';
import { cleanTags, correlationTag } from '../common/dead-letter/tags.js';
import { ApiLinkerError, defaultRedactor, isApiLinkerError } from '../common/errors/index.js';
import { Problems } from '../common/strategies/index.js';
import { show } from '../common/text/show.js';
import type { DeadLetterItem, GetItemsOptions, RetryItemResult } from './queue-items.js';

export type { DeadLetterItem, GetItemsOptions, RetryItemResult } from './queue-items.js';

/** What a `DeadLetterQueue` needs to keep items and to replay them. */
export interface DeadLetterQueueOptions
  extends Pick<QueueOptions, 'retention' | 'autoReplay' | 'onDeadLetter' | 'showArguments' | 'redact'> {
  /** Activity that does the work of an item: it gets the payload as its only argument. */
  readonly activity: string;
  /** Task queue of the workers that have the activity. */
  readonly activityTaskQueue: string;
  /** Name of the queue, for filters. @default 'default' */
  readonly queue?: string;
  /** Task queue of the recovery worker. @default 'temporal-recovery' */
  readonly taskQueue?: string;
  /** Milliseconds one attempt of a replay may take. @default 60,000 */
  readonly startToCloseTimeoutMs?: number;
}

/** How an item is added to a `DeadLetterQueue`. */
export interface AddItemOptions {
  /**
   * Stands for the item: added again with the same text, error category and operation it is the same item, with the same
   * id, whatever has become of it. @default each call adds an item
   */
  readonly once?: string;
}

/** Attempts of one replay, and how long it waits for a worker. */
const REPLAY_LIMITS = { maximumAttempts: 11, scheduleToStartTimeoutMs: 5 * 60_000 };
const QUEUE_OPTIONS = ['retention', 'autoReplay', 'onDeadLetter', 'showArguments', 'redact'] as const;

/**
 * APILinker's queue, for work that is not an activity call of a workflow: its items are dead letters as all others,
 * replayed by the activity that the queue names.
 */
export class DeadLetterQueue {
  private readonly rules: QueueRules;

  /** @throws TypeError for an option that is missing or cannot be used, with its name */
  constructor(
    private readonly client: Client,
    private readonly options: DeadLetterQueueOptions,
  ) {
    for (const name of ['activity', 'activityTaskQueue'] as const) {
      if (typeof options?.[name] === 'string' && options[name] !== '') continue;
      throw new TypeError(`DeadLetterQueue: ${name}: expected a name, got ${show(options?.[name])}`);
    }
    const problems = new Problems('DeadLetterQueue');
    const given = QUEUE_OPTIONS.map((name) => [name, options[name]]);
    this.rules = readQueueOptions(Object.fromEntries(given), '', problems);
    problems.throwIfAny();
  }

  /**
   * Keeps work that failed. The payload is converted by the client's data converter, exactly as an activity's argument.
   * `metadata.operationType` is the operation of the letter. @default the activity
   * @returns the id, which is unique
   * @throws what the data converter throws for a payload it cannot convert; nothing is kept then
   */
  async addItem(
    error: unknown,
    payload: unknown,
    metadata: Record<string, unknown> = {},
    { once }: AddItemOptions = {},
  ): Promise<string> {
    const { activity, activityTaskQueue, taskQueue = DEFAULT_TASK_QUEUE } = this.options;
    const { payloadConverter } = this.client.options.loadedDataConverter;
    const args = [payloadConverter.toPayload(payload)];
    const createdAt = new Date().toISOString();
    const classified = ApiLinkerError.fromException(error, {
      // One that was classified where it happened keeps its time.
      timestamp: isApiLinkerError(error) ? undefined : createdAt,
    });
    const { id, queue, operation, origin } = this.identify(classified, metadata, once);
    await items().startDeadLetter(
      this.client,
      taskQueue,
      {
        ...{ version: 1, id, createdAt, queue, operation, activityType: activity, origin },
        group: groupFingerprint(operation, classified.toJSON()),
        call: {
          taskQueue: activityTaskQueue,
          startToCloseTimeoutMs: this.options.startToCloseTimeoutMs ?? 60_000,
        },
        error: classified.toJSON(),
        ...itemTags(this.client, classified.correlationId),
        metadata: defaultRedactor.json(metadata) as Record<string, unknown>,
        attempts: [],
        argumentCount: 1,
        headers: {},
        replay: REPLAY_LIMITS,
        ...settingsInRecord(this.rules, activityTaskQueue),
      },
      args,
    );
    return id;
  }

  /** The id of the item that `addItem` with `once` adds, or has added. */
  itemId(error: unknown, metadata: Record<string, unknown>, once: string): string {
    return this.identify(ApiLinkerError.fromException(error), metadata, once).id;
  }

  private identify(
    { errorCategory, correlationId }: ApiLinkerError,
    metadata: Record<string, unknown>,
    once: string | undefined,
  ) {
    const { activity, queue = DEFAULT_QUEUE } = this.options;
    const operation = typeof metadata.operationType === 'string' ? metadata.operationType : activity;
    const origin = {
      namespace: this.client.options.namespace,
      workflowId: `${queue}/${errorCategory}/${operation}`,
      runId: once === undefined ? randomUUID() : uuidOf(once),
      workflowType: 'DeadLetterQueue',
      activityId: correlationId ?? '1',
      scheduledEventId: 0,
    };
    return { id: deadLetterWorkflowId(origin, activity), queue, operation, origin };
  }

  /** Newest first. @throws as `RecoveryClient.deadLetters.list` */
  async getItems(options: GetItemsOptions = {}): Promise<DeadLetterItem[]> {
    return items().list(this.client, this.options.queue ?? DEFAULT_QUEUE, options);
  }

  /**
   * Does the work of an item again, by its activity, and waits for it however long it takes. `success` is that the work
   * was done; its `result` is undefined where it cannot be read, and null where the activity gives nothing. Otherwise
   * `error` is that of the attempt, classified, with the correlation id of the item and operation id `dlq_retry_<id>`.
   * @throws DeadLetterNotFoundError, DeadLetterClosedError; without an answer the outcome is unknown
   */
  async retryItem(id: string, request: { by?: string; reason?: string } = {}): Promise<RetryItemResult> {
    return items().retry(this.client, id, request);
  }
}

/** Search attributes are in clear: with a payload codec, the correlation id is only in what that encodes. */
function itemTags(client: Client, correlationId: string | undefined): { readonly tags?: readonly string[] } {
  const hasCodec = client.options.loadedDataConverter.payloadCodecs.length > 0;
  return correlationId && !hasCodec
    ? { tags: cleanTags([correlationTag(correlationId)], defaultRedactor) }
    : {};
}

/** Always the same for the same text, in the form of a random one. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** With the Temporal client, which activities and workers that only import a name from here do not need. */
function items(): typeof import('./queue-items.js') {
  return require('./queue-items.js');
}
