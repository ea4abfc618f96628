import { defaultPayloadConverter, type Payload, RawValue, rawValueTypeInfo } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineWorkflowOptions,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { currentDetails } from '../../common/dead-letter/markdown.js';
import type {
  DeadLetterRecord,
  DeadLetterState,
  DeadLetterStatus,
  RequestOutcome,
  StoryEntry,
} from '../../common/dead-letter/record.js';
import { createRedactor } from '../../common/errors/index.js';
import * as messages from './definitions.js';
import { type ParsedRequest, type RequestKind, readRequest, wasUndecodable } from './input.js';
import { runAgain } from './replay-call.js';
import { describeReplayFailure } from './replay-failure.js';

/** What a letter hands to its next run. Its arguments follow as raw inputs. */
export interface CarriedOver {
  readonly story: readonly StoryEntry[];
  readonly replays: number;
  readonly requests: number;
}

/** How a letter ended. */
export interface DeadLetterOutcome {
  readonly status: DeadLetterStatus;
  readonly by?: string;
  readonly reason?: string;
  readonly replays: number;
  /** Result of the successful replay or of `resolve`, where it can be shown as JSON. */
  readonly result?: unknown;
}

interface Pending {
  readonly parsed: ParsedRequest;
  outcome?: RequestOutcome;
}

/** How long an update waits for the outcome before it answers `RUNNING`. */
const UPDATE_WAIT = '20s';
/** Room under the server's limit of 2 MB for the record beside the arguments at continue-as-new. */
const MAX_CARRIED_BYTES = 1_500_000;
const MAX_EVENTS_WITHOUT_CARRY = 40_000;
const MAX_STORY = 200;
const MAX_PREVIEW = 4_000;

/** A failed activity, kept until somebody replays, resolves or discards it. */
export async function deadLetter(
  record: DeadLetterRecord,
  carried?: CarriedOver,
  ...carriedArgs: RawValue[]
): Promise<DeadLetterOutcome> {
  return new DeadLetter(record, carried, carriedArgs).live();
}

defineWorkflowOptions(deadLetter, {
  staticOptions: {
    typeInfo: { inputTypes: [{}, {}, ...new Array(4096).fill(rawValueTypeInfo)] },
  },
});

class DeadLetter {
  private status: DeadLetterStatus = 'WAITING';
  private readonly story: StoryEntry[];
  private replays: number;
  private requests: number;
  private args: Payload[] | undefined;
  private result: unknown;
  private readonly queue: Pending[] = [];

  constructor(
    private readonly record: DeadLetterRecord,
    carried: CarriedOver | undefined,
    carriedArgs: readonly RawValue[],
  ) {
    this.story = carried ? [...carried.story] : [{ at: record.createdAt, event: 'dead-lettered' }];
    this.replays = carried?.replays ?? 0;
    this.requests = carried?.requests ?? 0;
    if (carried !== undefined) this.args = carriedArgs.map(({ payload }) => payload);
    this.listen();
  }

  async live(): Promise<DeadLetterOutcome> {
    this.show();
    try {
      while (!this.isFinal()) {
        await condition(() => this.queue.length > 0 || this.shouldContinueAsNew());
        const pending = this.queue[0];
        if (pending === undefined) return await this.carryOver();
        pending.outcome = await this.handle(pending.parsed);
        this.queue.shift();
        this.show();
      }
    } catch (error) {
      if (isCancellation(error))
        this.finish('DISCARDED', { event: 'discarded', reason: 'the workflow was cancelled' });
      throw error;
    }
    for (const pending of this.queue.splice(0)) pending.outcome = this.skip(pending.parsed);
    this.show();
    await condition(allHandlersFinished);
    const { by, reason } = this.story.findLast(({ event }) => event !== 'replay-skipped') ?? {};
    return { status: this.status, by, reason, replays: this.replays, result: this.result };
  }

  private listen(): void {
    setHandler(
      messages.argumentsSignal,
      (...args: RawValue[]) => {
        this.args ??= args.map(({ payload }) => payload);
        this.show();
      },
      { description: 'Internal: the original arguments, sent once when the letter is written.' },
    );
    const signal =
      (kind: RequestKind) =>
      (...input: RawValue[]) =>
        this.receive(kind, input);
    setHandler(messages.replaySignal, signal('replay'), {
      description:
        'Run the activity again. Input (optional): {"by": "you", "reason": "why"}; with other arguments: {"args": [all arguments], "by": "you"}',
    });
    setHandler(messages.resolveSignal, signal('resolve'), {
      description: 'The work was done by other means. Input: {"result": …, "by": "you", "reason": "why"}',
    });
    setHandler(messages.discardSignal, signal('discard'), {
      description: 'The work need not be done. Input: {"by": "you", "reason": "why"}',
    });
    const update =
      (kind: RequestKind) =>
      (...input: RawValue[]) =>
        this.enqueueAndWait(readRequest(kind, input));
    const validate = (kind: RequestKind) => ({
      validator: (...input: RawValue[]) => {
        readRequest(kind, input);
      },
    });
    setHandler(messages.replayUpdate, update('replay'), {
      ...validate('replay'),
      description: 'As the signal, and answers with the outcome, or RUNNING after 20 seconds.',
    });
    setHandler(messages.resolveUpdate, update('resolve'), {
      ...validate('resolve'),
      description: 'As the signal, and answers with the outcome.',
    });
    setHandler(messages.discardUpdate, update('discard'), {
      ...validate('discard'),
      description: 'As the signal, and answers with the outcome.',
    });
    setHandler(messages.deadLetterQuery, () => this.state(), {
      description: 'State, record and story of this dead letter.',
    });
  }

  /** A signal: understood, it waits for its turn; otherwise it is noted and changes nothing. */
  private receive(kind: RequestKind, input: readonly RawValue[]): void {
    const number = this.requests++;
    try {
      if (wasUndecodable(input, number))
        throw new UnreadableInput(`${kind}: no codec of this worker can read the input`);
      this.queue.push({ parsed: readRequest(kind, input) });
    } catch (error) {
      if (!(error instanceof UnreadableInput) && (error as Error).name !== 'MalformedRequestError')
        throw error;
      this.tell({ event: 'refused', message: (error as Error).message });
      this.show();
    }
  }

  private async enqueueAndWait(parsed: ParsedRequest): Promise<RequestOutcome> {
    const pending: Pending = { parsed };
    this.queue.push(pending);
    const done = await condition(() => pending.outcome !== undefined, UPDATE_WAIT);
    return done && pending.outcome ? pending.outcome : { outcome: 'RUNNING', status: this.status };
  }

  private async handle(parsed: ParsedRequest): Promise<RequestOutcome> {
    const { by, reason } = parsed.request;
    switch (parsed.kind) {
      case 'replay':
        return this.replay(parsed);
      case 'resolve':
        this.result = parsed.request.result;
        this.finish('RESOLVED', { event: 'resolved', by, reason });
        return { outcome: 'RESOLVED', status: this.status };
      case 'discard':
        this.finish('DISCARDED', { event: 'discarded', by, reason });
        return { outcome: 'DISCARDED', status: this.status };
    }
  }

  private async replay({ request, args }: ParsedRequest & { kind: 'replay' }): Promise<RequestOutcome> {
    const { by, reason } = request;
    const edited = args !== undefined;
    if (this.isFull()) {
      const message =
        'Too many replays for arguments of this size; start the work anew and resolve this letter.';
      this.tell({ event: 'replay-skipped', by, reason, message });
      return { outcome: 'SKIPPED', status: this.status, message };
    }
    this.replays++;
    this.setStatus('REPLAYING');
    this.tell({ event: 'replay-started', by, reason, edited });
    this.show();
    try {
      const title = `Replay ${this.replays}${by === undefined ? '' : ` by ${by.slice(0, 100)}`}`;
      const result = await runAgain(this.record, args ?? this.args ?? [], title);
      this.result = showable(result);
      this.finish('REPLAYED', { event: 'replay-succeeded', by, reason, edited });
      return { outcome: 'REPLAYED', status: this.status };
    } catch (error) {
      if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
      const failure = describeReplayFailure(error, this.record, now());
      this.setStatus('WAITING');
      this.tell({ event: 'replay-failed', by, edited, ...failure });
      return { outcome: 'FAILED', status: this.status, message: failure.message };
    }
  }

  private skip({ kind, request }: ParsedRequest): RequestOutcome {
    const message = `The letter was ${this.status} already; ${kind} did nothing`;
    this.tell({ event: 'replay-skipped', by: request.by, reason: request.reason, message });
    return { outcome: 'SKIPPED', status: this.status, message };
  }

  private finish(status: DeadLetterStatus, entry: Omit<StoryEntry, 'at'>): void {
    this.setStatus(status);
    this.tell(entry);
    this.show();
  }

  private setStatus(status: DeadLetterStatus): void {
    this.status = status;
    // Only what the starter knows to be registered: any other name would wedge the workflow.
    if (this.record.searchAttributes.includes(SEARCH_ATTRIBUTES.status)) {
      upsertSearchAttributes({ [SEARCH_ATTRIBUTES.status]: [status] });
    }
  }

  private tell(entry: Omit<StoryEntry, 'at'>): void {
    this.story.push({ at: now(), ...entry });
    if (this.story.length > MAX_STORY) this.story.splice(1, this.story.length - MAX_STORY);
    log.info(`Dead letter: ${entry.event}`, {
      letterStatus: this.status,
      by: entry.by,
      reason: entry.reason,
    });
  }

  private state(): DeadLetterState {
    return { status: this.status, record: this.record, story: this.story, replays: this.replays };
  }

  private show(): void {
    setCurrentDetails(currentDetails(this.state(), preview(this.args, this.record.secretNames)));
  }

  private isFinal(): boolean {
    return this.status !== 'WAITING' && this.status !== 'HELD' && this.status !== 'REPLAYING';
  }

  private canCarryOver(): boolean {
    const bytes = (this.args ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
    return this.args !== undefined && bytes <= MAX_CARRIED_BYTES;
  }

  private shouldContinueAsNew(): boolean {
    return workflowInfo().continueAsNewSuggested && this.canCarryOver() && allHandlersFinished();
  }

  private isFull(): boolean {
    return workflowInfo().historyLength > MAX_EVENTS_WITHOUT_CARRY;
  }

  private carryOver(): Promise<never> {
    const carried: CarriedOver = { story: this.story, replays: this.replays, requests: this.requests };
    return continueAsNew<typeof deadLetter>(
      this.record,
      carried,
      ...(this.args ?? []).map((payload) => RawValue.fromPayload(payload)),
    );
  }
}

class UnreadableInput extends Error {}

/** Workflow time; in the sandbox `Date` is deterministic. */
function now(): string {
  return new Date().toISOString();
}

function showable(value: RawValue | undefined): unknown {
  if (value === undefined) return undefined;
  try {
    const decoded = defaultPayloadConverter.fromPayload(value.payload);
    return JSON.stringify(decoded).length <= 100_000 ? decoded : '(too large to show)';
  } catch {
    return '(in a format only the worker of the activity can read)';
  }
}

/** Arguments as JSON for the page, without secrets; undefined until they are there. */
function preview(args: readonly Payload[] | undefined, secretNames?: readonly string[]): string | undefined {
  if (args === undefined) return undefined;
  const redactor = createRedactor({ keys: secretNames });
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
