import type { RequestOutcome } from '../../common/dead-letter/record.js';

const MAX_REMEMBERED = 100;

/** Requests with an id and their outcomes, so that a request that is sent again is not carried out again. */
export class HandledRequests {
  /** The oldest first. */
  private readonly outcomes: Map<string, RequestOutcome>;

  constructor(carried: Readonly<Record<string, RequestOutcome>> = {}) {
    this.outcomes = new Map(Object.entries(carried));
  }

  outcomeOf(requestId: string | undefined): RequestOutcome | undefined {
    return requestId === undefined ? undefined : this.outcomes.get(requestId);
  }

  remember(requestId: string | undefined, outcome: RequestOutcome): void {
    if (requestId === undefined) return;
    this.outcomes.set(requestId, outcome);
    const [oldest] = this.outcomes.keys();
    if (this.outcomes.size > MAX_REMEMBERED && oldest !== undefined) this.outcomes.delete(oldest);
  }

  carried(): Record<string, RequestOutcome> | undefined {
    return this.outcomes.size === 0 ? undefined : Object.fromEntries(this.outcomes);
  }
}
