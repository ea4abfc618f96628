import { Context } from '@temporalio/activity';
import { deadLetterId } from 'temporal-recovery/workflow';
import { eventually, type Harness } from '../support/harness.js';
import type * as workflows from './workflows.js';

class HttpError extends Error {
  readonly url = 'https://target.example/countries/ATA?api_key=s3cr3t';
  readonly method = 'PUT';
  readonly headers = { 'x-request-id': 'req-7f3a' };

  constructor(
    readonly status: number,
    readonly body: string,
    message: string,
  ) {
    super(message);
    this.name = 'HttpError';
  }
}

const rejected = () =>
  new HttpError(
    422,
    '{"errors":[{"field":"capital","message":"must NOT have fewer than 1 items"}]}',
    'PUT /countries/ATA answered 422: capital must NOT have fewer than 1 items',
  );

/** Hostile to a page that shows it. */
export const MARKDOWN =
  '# big\n| a | b |\n<img src=x onerror="alert(1)"> **bold** `code` [link](https://evil.example) ```\n- item __init__ * ~x~';

interface Country {
  readonly cca3: string;
}

/** What a country is like decides what becomes of it. */
const BEHAVIOUR: Record<string, (mended: boolean) => Promise<string>> = {
  async ATA(mended) {
    if (!mended) throw rejected();
    return 'created';
  },
  /** Of a record whose next call succeeds. */
  async RECORD() {
    if (Context.current().info.workflowExecution?.workflowId.includes('superseded')) throw rejected();
    return 'created';
  },
  async OUTAGE() {
    throw new HttpError(401, '{"error":"token expired"}', 'PUT /countries/ATA answered 401: token expired');
  },
  async GUARDED() {
    throw rejected();
  },
  /** As long as its worker is there. */
  async SLOW(mended) {
    if (!mended) throw rejected();
    return Context.current().cancelled;
  },
  async MARKDOWN() {
    throw Object.assign(new Error(MARKDOWN), { status: 422 });
  },
};

/** A breaker each, so that one outage does not hold the others' letters. */
const BEHIND_BREAKER = ['OUTAGE', 'GUARDED'];

/** Letters as a person meets them: records that a target rejects, until `mend` is called. */
export class Letters {
  private mended = false;

  constructor(private readonly h: Harness) {}

  private breakerOf(cca3: string): string {
    return this.h.id(`target-${cca3}`);
  }

  async start(): Promise<this> {
    const { h } = this;
    const breaker = (_: string, [country]: readonly unknown[]) => {
      const { cca3 } = country as Country;
      return BEHIND_BREAKER.includes(cca3) && this.breakerOf(cca3);
    };
    const options = { consecutiveFailures: 1, openTime: '1 hour' } as const;
    await h.startWorker({
      workflowsPath: require.resolve('./workflows.js'),
      plugins: [
        h.plugin({
          breaker,
          breakers: Object.fromEntries(BEHIND_BREAKER.map((cca3) => [this.breakerOf(cca3), options])),
          queues: { neglected: { retention: '1s' } },
          operations: {
            syncRecord: { recordKey: (_, [country]) => (country as Country).cca3 },
          },
          // Or no letter would be held without a request to replay.
          autoRelease: true,
        }),
      ],
      activities: { writeCountry: ({ cca3 }: Country) => BEHAVIOUR[cca3]?.(this.mended) },
    });
    return this;
  }

  mend(): void {
    this.mended = true;
  }

  /** As somebody does who knows of maintenance; returns when the worker has heard of it. */
  async forceOpen(cca3: string): Promise<void> {
    const { letter } = await this.make('scout', cca3);
    const breaker = this.h.recovery.breakers.get(this.breakerOf(cca3));
    await eventually(() => breaker.describe());
    await breaker.forceOpen({ by: 'ada', reason: 'maintenance' });
    await eventually(async () => (await letter.replay({ by: 'scout' })).outcome === 'HELD');
  }

  origin(name: string, cca3 = 'ATA', workflow: keyof typeof workflows = 'countrySync') {
    const country = { cca3, name: 'Antarctica', region: 'Antarctic', capital: [], area: 14_000_000 };
    return this.h.client.workflow.start<(typeof workflows)[typeof workflow]>(workflow, {
      workflowId: this.h.id(name),
      taskQueue: this.h.taskQueue,
      args: [country],
    });
  }

  /** A letter of a workflow that failed. */
  async make(name: string, cca3 = 'ATA', workflow: keyof typeof workflows = 'countrySync') {
    const handle = await this.origin(name, cca3, workflow);
    const failure: unknown = await handle.result().catch((error: unknown) => error);
    const id = deadLetterId(failure);
    if (id === undefined)
      throw new Error('The failure should carry the id of its letter', { cause: failure });
    return { id, originId: handle.workflowId, letter: this.h.recovery.deadLetters.get(id) };
  }

  /** A letter that its workflow waits for. */
  async park(name: string) {
    const handle = await this.origin(name, 'ATA', 'patientCountrySync');
    const id = await eventually(async () => {
      const { pendingChildren } = (await handle.describe()).raw;
      return pendingChildren?.[0]?.runId ? (pendingChildren[0].workflowId ?? undefined) : undefined;
    });
    return { id, originId: handle.workflowId, letter: this.h.recovery.deadLetters.get(id) };
  }

  /** A letter without a decision. */
  async expire(name: string) {
    const made = await this.make(name, 'ATA', 'neglectedCountrySync');
    await this.h.client.workflow.getHandle(made.id).result();
    return made;
  }
}
