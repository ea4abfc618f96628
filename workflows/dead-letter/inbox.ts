import type { RawValue } from '@temporalio/common';
import { condition, setHandler } from '@temporalio/workflow';
import type { RequestOutcome } from '../../common/dead-letter/record.js';
import { senderIdentity } from '../messages/sender.js';
import { wasUndecodable } from '../messages/undecodable.js';
import * as messages from './definitions.js';
import { HandledRequests } from './handled-requests.js';
import { type ParsedRequest, type RequestKind, readRequest } from './input.js';
import type { Letter } from './letter.js';

interface Pending {
  readonly parsed: ParsedRequest;
  outcome?: RequestOutcome;
}

/** How long an update waits for the outcome before it answers `RUNNING`. */
const UPDATE_WAIT = '20s';

/** Requests to a letter, in their order; one is carried out at a time. */
export class Inbox {
  readonly handled: HandledRequests;
  private readonly queue: Pending[] = [];

  constructor(
    private readonly letter: Letter,
    /** Signals received so far, earlier runs included. */
    public received: number,
    handled: Readonly<Record<string, RequestOutcome>> | undefined,
  ) {
    this.handled = new HandledRequests(handled);
    this.listen();
  }

  /** The first request, until it is answered. */
  get next(): ParsedRequest | undefined {
    return this.queue[0]?.parsed;
  }

  answer(outcome: RequestOutcome): void {
    const first = this.queue.shift();
    if (first === undefined) return;
    first.outcome = outcome;
    // A request that a breaker rejected and that left nothing behind may be sent again.
    const isOver = outcome.outcome !== 'HELD' || outcome.status === 'HELD';
    if (isOver && outcome.outcome !== 'PREVIEW')
      this.handled.remember(first.parsed.request.requestId, outcome);
  }

  private listen(): void {
    setHandler(
      messages.argumentsSignal,
      (...args: RawValue[]) => {
        this.letter.args ??= args.map(({ payload }) => payload);
        this.letter.show();
      },
      { description: 'Internal: the original arguments, sent once when the letter is written.' },
    );
    const signal =
      (kind: RequestKind) =>
      (...input: RawValue[]) =>
        this.receive(kind, input);
    setHandler(messages.replaySignal, signal('replay'), {
      description:
        'Run the activity again. Input (optional): {"by": "you", "reason": "why"}; with other arguments: {"args": [all arguments], "by": "you"}; with an edit of the arguments, as a JSON Patch: {"transform": {"patch": [{"op": "replace", "path": "/0/email", "value": "…"}]}}; without asking its circuit breaker: {"force": true, "by": "you"}; not if the workflow it came from has completed: {"skipOrigins": ["completed"]}',
    });
    setHandler(messages.resolveSignal, signal('resolve'), {
      description:
        'Closes the letter as RESOLVED: the work was done in another way. Input: {"result": …, "by": "you", "reason": "why"}',
    });
    setHandler(messages.discardSignal, signal('discard'), {
      description:
        'Closes the letter as DISCARDED: the work is not needed. Input: {"by": "you", "reason": "why"}',
    });
    const update =
      (kind: RequestKind) =>
      (...input: RawValue[]) =>
        this.enqueueAndWait(withAuthor(readRequest(kind, input)));
    const validate = (kind: RequestKind) => ({
      validator: (...input: RawValue[]) => {
        readRequest(kind, input);
      },
    });
    setHandler(messages.replayUpdate, update('replay'), {
      ...validate('replay'),
      description: 'The same as the signal; answers with the outcome, or with RUNNING after 20 seconds.',
    });
    setHandler(messages.resolveUpdate, update('resolve'), {
      ...validate('resolve'),
      description: 'The same as the signal; answers with the outcome.',
    });
    setHandler(messages.discardUpdate, update('discard'), {
      ...validate('discard'),
      description: 'The same as the signal; answers with the outcome.',
    });
    setHandler(messages.deadLetterQuery, () => this.letter.state(), {
      description: 'State, record and story of this dead letter.',
    });
  }

  /** A signal: understood, it waits for its turn; otherwise it is noted and changes nothing. */
  private receive(kind: RequestKind, input: readonly RawValue[]): void {
    const number = this.received++;
    try {
      if (wasUndecodable(input, `input-${number}`))
        throw new UnreadableInput(`${kind}: no codec of this worker can read the input`);
      const parsed = withAuthor(readRequest(kind, input));
      if (this.wasSentBefore(parsed) === undefined) this.queue.push({ parsed });
    } catch (error) {
      if (!(error instanceof UnreadableInput) && (error as Error).name !== 'MalformedRequestError')
        throw error;
      this.letter.addToStory({ event: 'refused', by: senderIdentity(), message: (error as Error).message });
      this.letter.show();
    }
  }

  private async enqueueAndWait(parsed: ParsedRequest): Promise<RequestOutcome> {
    const before = this.wasSentBefore(parsed);
    const pending = before ?? { parsed };
    if (before === undefined) this.queue.push(pending);
    if (pending.outcome !== undefined) return this.letter.currentOutcome(pending.outcome);
    const done = await condition(() => pending.outcome !== undefined, UPDATE_WAIT);
    if (done && pending.outcome) return pending.outcome;
    return { outcome: 'RUNNING', status: this.letter.status, ...this.letter.seen };
  }

  /** The same request, waiting or done; requests without an id are all different. */
  private wasSentBefore({ request, kind }: ParsedRequest): Pending | undefined {
    const { requestId } = request;
    if (requestId === undefined || (kind === 'replay' && request.dryRun)) return undefined;
    const outcome = this.handled.outcomeOf(requestId);
    if (outcome !== undefined) return { parsed: { kind, request } as ParsedRequest, outcome };
    return this.queue.find(({ parsed }) => parsed.request.requestId === requestId);
  }
}

/** The author of the request: its `by`, or the sender that the server knows. */
function withAuthor<T extends ParsedRequest>(parsed: T): T {
  const by = parsed.request.by?.trim() ? parsed.request.by : senderIdentity();
  return { ...parsed, request: { ...parsed.request, by } };
}

class UnreadableInput extends Error {}
