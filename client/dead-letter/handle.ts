import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { RawValue } from '@temporalio/common';
import type { DeadLetterState, RequestOutcome, RestoreOutcome } from '../../common/dead-letter/record.js';
import {
  type DiscardRequest,
  MalformedRequestError,
  parseRequest,
  type ReplayRequest,
  type ResolveRequest,
} from '../../common/dead-letter/requests.js';
import { OPEN_STATUSES, statusOf } from '../../common/dead-letter/status.js';
import { DeadLetterClosedError, DeadLetterNotFoundError, InvalidRequestError } from '../errors.js';
import { isNotFound } from '../server/grpc-status.js';
import { listingClient, recoveryDataClient } from '../server/temporal-client.js';
import { readArguments } from './arguments.js';
import { describeOrigin } from './describe-origin.js';
import { readState } from './read-state.js';
import { reportedStatus } from './reported-status.js';
import { restoreDeadLetter } from './restore.js';

/** A dead letter with its state, record, story and arguments. */
export interface DeadLetterDescription extends DeadLetterState {
  /** The original arguments, decoded by the client's data converter. */
  readonly args: unknown[];
}

type Kind = 'replay' | 'resolve' | 'discard';

/** One dead letter. */
export class DeadLetterHandle {
  constructor(
    private readonly client: Client,
    /** Workflow id of the letter. Short ids have to go through `deadLetters.find` first. */
    readonly id: string,
  ) {}

  /**
   * State, record, story and arguments; `origin` is looked up now. Needs a running recovery worker.
   * @throws DeadLetterNotFoundError
   */
  async describe(): Promise<DeadLetterDescription> {
    const state = await this.state();
    const { argumentCount, origin } = state.record;
    const args = await this.translate(() => readArguments(this.client, this.id, argumentCount));
    // Items of a `DeadLetterQueue` come from no workflow.
    if (origin.scheduledEventId === 0) return { ...state, args };
    const status = await describeOrigin(this.client, origin);
    return { ...state, args, origin: { status, at: new Date().toISOString() } };
  }

  /** As `describe`, without the arguments, which may be large. @throws DeadLetterNotFoundError */
  state(): Promise<DeadLetterState> {
    return this.translate(async () => {
      const state = await readState(this.client, this.id);
      if (!OPEN_STATUSES.includes(state.status)) return state;
      // One whose workflow was ended answers as it was before.
      const { status } = await listingClient(this.client).workflow.getHandle(this.id).describe();
      return { ...state, status: statusOf(state.status, status.name) };
    });
  }

  /**
   * Runs the activity again and answers with the outcome, or `RUNNING` when it takes longer than 20 seconds.
   * `args` are converted by the client's data converter, as the activity's own.
   * @throws InvalidRequestError, DeadLetterNotFoundError, DeadLetterClosedError
   */
  replay(request: ReplayRequest = {}): Promise<RequestOutcome> {
    return this.update('replay', request);
  }

  /** Closes the letter as RESOLVED: the work was done in another way. @throws as `replay` */
  resolve(request: ResolveRequest): Promise<RequestOutcome> {
    return this.update('resolve', request);
  }

  /** Closes the letter as DISCARDED: the work is not needed. @throws as `replay` */
  discard(request: DiscardRequest = {}): Promise<RequestOutcome> {
    return this.update('discard', request);
  }

  /**
   * Starts a letter again, from its history and with its story, whose work was not done: DISCARDED, EXPIRED, TERMINATED,
   * FAILED or TIMED_OUT. It waits for a decision then, also one that was parked: its caller has its answer. Its retention
   * begins again. Needs a running recovery worker, which knows the story.
   * @throws InvalidRequestError where it is open, or its work is done; DeadLetterNotFoundError
   */
  restore(request: DiscardRequest = {}): Promise<RestoreOutcome> {
    const { by = this.client.options.identity, reason } = checked('discard', request) as DiscardRequest;
    return this.translate(() => restoreDeadLetter(this.client, this.id, { by, reason }));
  }

  /** As `replay`, but sent as a signal: does not wait, and works while no recovery worker runs. */
  signalReplay(request: ReplayRequest = {}): Promise<void> {
    return this.signal('replay', request);
  }

  /** As `resolve`, sent as a signal. */
  signalResolve(request: ResolveRequest): Promise<void> {
    return this.signal('resolve', request);
  }

  /** As `discard`, sent as a signal. */
  signalDiscard(request: DiscardRequest = {}): Promise<void> {
    return this.signal('discard', request);
  }

  private async update(kind: Kind, request: object): Promise<RequestOutcome> {
    const args = this.inputs(kind, request);
    return this.translate(() =>
      recoveryDataClient(this.client)
        .workflow.getHandle(this.id)
        .executeUpdate<RequestOutcome, [unknown, ...unknown[]]>(kind, { args }),
    );
  }

  private async signal(kind: Kind, request: object): Promise<void> {
    const args = this.inputs(kind, request);
    await this.translate(() =>
      recoveryDataClient(this.client)
        .workflow.getHandle(this.id)
        .signal(kind, ...args),
    );
  }

  /** The request, and new arguments behind it as the payloads the user's converter makes of them. */
  private inputs(kind: Kind, request: object): [unknown, ...unknown[]] {
    const parsed = checked(kind, request);
    const { args, ...rest } = parsed as ReplayRequest;
    const attributed = { ...rest, by: rest.by ?? this.client.options.identity };
    if (kind !== 'replay' || args === undefined) return [attributed];
    // An empty list of arguments and no list look the same by what follows the request.
    if (args.length === 0) return [{ ...attributed, args }];
    const { payloadConverter } = this.client.options.loadedDataConverter;
    return [attributed, ...args.map((value) => RawValue.fromPayload(payloadConverter.toPayload(value)))];
  }

  private async translate<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) {
        throw new InvalidRequestError(error.cause?.message ?? error.message);
      }
      if (isNotFound(error)) throw await this.missingOrClosed();
      throw error;
    }
  }

  private async missingOrClosed(): Promise<Error> {
    try {
      const letter = await listingClient(this.client).workflow.getHandle(this.id).describe();
      return new DeadLetterClosedError(this.id, reportedStatus(letter));
    } catch (error) {
      // Who may not look, or reaches no server, does not know that it is not there.
      if (isNotFound(error)) return new DeadLetterNotFoundError(this.id);
      throw error;
    }
  }
}

function checked(kind: Kind, request: object): object {
  try {
    return parseRequest(kind, request);
  } catch (error) {
    if (error instanceof MalformedRequestError) throw new InvalidRequestError(error.message);
    throw error;
  }
}
