import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type {
  BatchRequest,
  BatchResult,
  LetterOutcome,
  TransformPreview,
} from '../../common/redrive/types.js';
import { redriveLetter } from './redrive-letter.js';

const HEARTBEAT_MS = 3_000;

/** What the next attempt knows, should this worker die. Letters know their requests, so nothing is done twice. */
type Progress = Pick<BatchResult, 'outcomes' | 'turnedAway' | 'breaker'>;

/** Does some letters of a redrive: paced, several at once, and without waiting long for replays that are slow. */
export async function redriveLetters(request: BatchRequest): Promise<BatchResult> {
  const context = Context.current();
  // As many requests listen to it as letters are under way.
  setMaxListeners(0, context.cancellationSignal);
  const batch = new LetterBatch(request, context, context.info.heartbeatDetails as Progress | undefined);
  const beat = setInterval(() => context.heartbeat(batch.progress()), HEARTBEAT_MS);
  try {
    return await batch.run();
  } finally {
    clearInterval(beat);
  }
}

class LetterBatch {
  private readonly startedAt = performance.now();
  private readonly outcomes: LetterOutcome[];
  private readonly turnedAway: string[];
  private readonly previews: TransformPreview[] = [];
  private readonly running: string[] = [];
  private readonly left: string[] = [];
  private readonly queue: string[];
  private readonly begunBefore: ReadonlySet<string>;
  private begun = 0;
  private breaker: string | undefined;
  /** The server could not be asked: the batch is tried again. */
  private readonly failed = new AbortController();

  constructor(
    private readonly request: BatchRequest,
    private readonly context: Context,
    before: Progress | undefined,
  ) {
    this.outcomes = [...(before?.outcomes ?? [])];
    this.turnedAway = [...(before?.turnedAway ?? [])];
    this.breaker = before?.breaker;
    const done = new Set(this.outcomes.map(({ id }) => id));
    this.queue = [...request.running, ...request.ids].filter((id) => !done.has(id));
    this.begunBefore = new Set(request.running);
  }

  progress(): Progress {
    const { outcomes, turnedAway, breaker } = this;
    return { outcomes, turnedAway, breaker };
  }

  async run(): Promise<BatchResult> {
    const lanes = Array.from({ length: this.request.concurrency }, () => this.lane());
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
    await this.until(this.request.leastMs);
    const { running, left, queue, previews } = this;
    return {
      ...this.progress(),
      ...{ running, left: [...left, ...queue] },
      ...(previews.length === 0 ? {} : { previews }),
    };
  }

  /** One letter after the other; ends with a letter whose replay goes on, so that its place stays taken. */
  private async lane(): Promise<void> {
    for (let id = this.queue.shift(); id !== undefined; id = this.queue.shift()) {
      try {
        if (!this.begunBefore.has(id)) await this.until(this.begun++ * this.request.spacingMs);
        if (this.mustStop()) return void this.left.push(id);
        if (!(await this.ends(id))) return;
      } catch (error) {
        this.failed.abort();
        throw error;
      }
    }
  }

  /** @returns false where the replay goes on */
  private async ends(id: string): Promise<boolean> {
    const answer = await redriveLetter(this.context, id, this.request);
    if (answer.is === 'running') {
      this.running.push(id);
      return false;
    }
    this.breaker = answer.breaker ?? this.breaker;
    if (answer.is === 'preview') this.previews.push(answer.preview);
    else if (answer.is === 'as it was') this.left.push(id);
    else {
      this.outcomes.push(answer.outcome);
      if (answer.isHeld) this.turnedAway.push(id);
    }
    return true;
  }

  private mustStop(): boolean {
    return this.breaker !== undefined || this.failed.signal.aborted;
  }

  /** Waits until `ms` milliseconds after the start. */
  private async until(ms: number): Promise<void> {
    const left = this.startedAt + ms - performance.now();
    if (left <= 0 || this.mustStop()) return;
    const signal = AbortSignal.any([this.failed.signal, this.context.cancellationSignal]);
    await sleep(left, undefined, { signal }).catch(() => undefined);
  }
}
