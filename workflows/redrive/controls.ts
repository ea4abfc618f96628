import type { RawValue } from '@temporalio/common';
import { log, setHandler } from '@temporalio/workflow';
import { defaultRedactor } from '../../common/errors/index.js';
import { parseRedriveOrder, type RedriveOrder, type RedriveOrderKind } from '../../common/redrive/orders.js';
import { oneLine } from '../../common/text/text.js';
import { readJson } from '../messages/read-json.js';
import { senderIdentity } from '../messages/sender.js';
import { wasUndecodable } from '../messages/undecodable.js';
import * as messages from './definitions.js';

const KEPT_ORDERS = 20;

type Intent = Pick<RedriveControls, 'rate' | 'isPaused' | 'cancelled'>;

/** Where orders come in: what somebody wants of a redrive that runs. */
export class RedriveControls {
  /** Letters a second, once somebody has set them. */
  rate: number | undefined;
  /** Who and why, once it is to end. */
  cancelled: string | undefined;
  onOrder: () => void = () => undefined;
  private log: string[];
  /** Signals in this run. */
  private received = 0;

  constructor(
    public isPaused: boolean,
    orders: readonly string[],
  ) {
    this.log = [...orders];
    const listen =
      (kind: RedriveOrderKind, obey: (order: RedriveOrder) => void) =>
      (...input: RawValue[]) =>
        this.receive(kind, input, obey);
    const who = 'Input (optional): {"by": "you", "reason": "why"}';
    setHandler(
      messages.pauseSignal,
      listen('pause', () => this.pause(true)),
      {
        description: `Start no further letters until it is resumed. ${who}`,
      },
    );
    setHandler(
      messages.resumeSignal,
      listen('resume', () => this.pause(false)),
      {
        description: `Go on after a pause. ${who}`,
      },
    );
    setHandler(
      messages.setRateSignal,
      listen('setRate', ({ rate }) => this.setRate(rate)),
      {
        description: 'Letters a second. Input: {"rate": 5, "by": "you"}',
      },
    );
    setHandler(
      messages.cancelSignal,
      listen('cancel', (order) => this.cancel(whoAndWhy(order))),
      {
        description: `End it after the letters in flight; the others stay as they are. ${who}`,
      },
    );
  }

  /** The last orders, the oldest first, each a line for people. */
  get orders(): readonly string[] {
    return this.log;
  }

  /** What is wanted now. */
  intent(): Intent {
    const { rate, isPaused, cancelled } = this;
    return { rate, isPaused, cancelled };
  }

  hasChangedSince({ rate, isPaused, cancelled }: Intent): boolean {
    return this.rate !== rate || this.isPaused !== isPaused || this.cancelled !== cancelled;
  }

  cancel(why: string): void {
    this.cancelled ??= why;
  }

  private pause(isPaused: boolean): void {
    this.isPaused = isPaused;
  }

  private setRate(rate: number | undefined): void {
    this.rate = rate;
  }

  private receive(
    kind: RedriveOrderKind,
    input: readonly RawValue[],
    obey: (order: RedriveOrder) => void,
  ): void {
    if (wasUndecodable(input, `input-${this.received++}`)) {
      this.note(`${kind}: no codec of the recovery worker can read the input; nothing changed`);
      this.onOrder();
      return;
    }
    try {
      const given = parseRedriveOrder(kind, readJson(input));
      const order = withoutSecrets({ ...given, by: given.by ?? senderIdentity() });
      obey(order);
      const rate = order.rate === undefined ? '' : ` ${order.rate}`;
      this.note(`${kind}${rate}${whoAndWhy(order)}`);
      log.info(`Redrive: ${kind}`, { by: order.by, orderReason: order.reason, rate: order.rate });
    } catch (error) {
      if ((error as Error).name !== 'MalformedRedriveOrderError') throw error;
      // Invalid input: note it on the page; the state does not change.
      this.note(`rejected as invalid, nothing changed: ${(error as Error).message}`);
    }
    this.onOrder();
  }

  private note(text: string): void {
    this.log = [...this.log, `${new Date().toISOString()} ${text}`].slice(-KEPT_ORDERS);
  }
}

function withoutSecrets(order: RedriveOrder): RedriveOrder {
  const clean = (text: string | undefined) =>
    text === undefined ? undefined : oneLine(defaultRedactor.text(text));
  return { ...order, by: clean(order.by), reason: clean(order.reason) };
}

function whoAndWhy({ by, reason }: RedriveOrder): string {
  return `${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : ` (${reason})`}`;
}
