import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  MalformedRedriveOrderError,
  parseRedriveOrder,
  type RedriveOrder,
  type RedriveOrderKind,
} from '../../common/redrive/orders.js';
import type { LetterOutcome, RedriveProgress, RedriveReport } from '../../common/redrive/types.js';
import { InvalidRequestError, RedriveNotFoundError } from '../errors.js';
import { isNotFound } from '../server/grpc-status.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import { readOutcomes } from './outcomes.js';
import { isRefusal } from './request.js';

type Attribution = Pick<RedriveOrder, 'by' | 'reason'>;

/** One redrive, running or over. */
export class RedriveHandle {
  constructor(
    private readonly client: Client,
    /** Workflow id of the redrive; of one that `redrives.start` started: `redrive/` and its id. */
    readonly id: string,
  ) {}

  /** Needs a running recovery worker. @throws RedriveNotFoundError */
  progress(): Promise<RedriveProgress> {
    return this.translate(() => this.workflow().query<RedriveProgress, []>('progress'));
  }

  /**
   * Waits for its end.
   * @throws RedriveNotFoundError; InvalidRequestError where it could not be carried out as it was asked for;
   * WorkflowFailedError where it was terminated, ran out of time or broke off
   */
  result(): Promise<RedriveReport> {
    return this.translate(() => this.workflow().result() as Promise<RedriveReport>);
  }

  /** The outcome of every letter so far, read from history, however many there are. @throws RedriveNotFoundError */
  async *outcomes(): AsyncIterable<LetterOutcome> {
    yield* await this.translate(() => readOutcomes(this.client, this.id));
  }

  /** No further letters until `resume`. @throws RedriveNotFoundError where it is over; InvalidRequestError */
  pause(order: Attribution = {}): Promise<void> {
    return this.order('pause', order);
  }

  /** Goes on with further letters after `pause`. @throws as `pause` */
  resume(order: Attribution = {}): Promise<void> {
    return this.order('resume', order);
  }

  /**
   * Changes how many letters a second are done, from the next batch on.
   * @param rate letters a second, 0.01 to 1,000
   * @throws as `pause`
   */
  setRate(rate: number, order: Attribution = {}): Promise<void> {
    return this.order('setRate', { ...order, rate });
  }

  /** Ends the redrive after the letters in flight. The others stay as they are. @throws as `pause` */
  cancel(order: Attribution = {}): Promise<void> {
    return this.order('cancel', order);
  }

  private workflow() {
    return recoveryDataClient(this.client).workflow.getHandle(this.id);
  }

  private async order(kind: RedriveOrderKind, order: RedriveOrder): Promise<void> {
    const attributed = { ...order, by: order.by ?? this.client.options.identity };
    try {
      parseRedriveOrder(kind, attributed);
    } catch (error) {
      if (error instanceof MalformedRedriveOrderError) throw new InvalidRequestError(error.message);
      throw error;
    }
    await this.translate(() => this.workflow().signal(kind, attributed));
  }

  private async translate<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (isNotFound(error)) throw new RedriveNotFoundError(this.id);
      const refusal = error instanceof WorkflowFailedError ? error.cause : undefined;
      if (refusal instanceof ApplicationFailure && isRefusal(refusal.type)) {
        throw new InvalidRequestError(refusal.message);
      }
      throw error;
    }
  }
}
