import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';

/** Workflows of API syncs, as teams write them who know nothing of this package. */

type Activities = Record<string, (...args: unknown[]) => Promise<unknown>>;
type Call = (...args: unknown[]) => Promise<unknown>;

function call(name: string, options: ActivityOptions = {}): Call {
  return proxyActivities<Activities>({ startToCloseTimeout: '1 minute', ...options })[name] as Call;
}

const reasonOf = (error: unknown): string =>
  error instanceof ActivityFailure
    ? `${error.cause?.name}:${error.cause instanceof ApplicationFailure ? error.cause.type : ''}:${error.cause?.message}`
    : String(error);

/** Pages until there is no cursor; a new run every five pages. */
export async function pages(cursor = 0, seen = 0, run = 1): Promise<{ seen: number; runs: number }> {
  const list = call('list');
  for (let page = 0; page < 5; page++) {
    const answer = (await list(cursor)) as { next?: number; items: number };
    seen += answer.items;
    if (answer.next === undefined) return { seen, runs: run };
    cursor = answer.next;
  }
  return continueAsNew<typeof pages>(cursor, seen, run + 1);
}

/** At most five at the same time. */
export async function semaphore(records: number, options: ActivityOptions): Promise<string[]> {
  const push = call('push', options);
  const failed: string[] = [];
  let free = 5;
  await Promise.all(
    Array.from({ length: records }, async (_, record) => {
      await condition(() => free > 0);
      free--;
      try {
        await push(record);
      } catch (error) {
        failed.push(`${record} ${reasonOf(error)}`);
      } finally {
        free++;
      }
    }),
  );
  return failed.sort();
}

export const eventCame = defineSignal<[number]>('event');
export const finish = defineSignal('finish');

/** Events of one customer, one after the other. */
export async function customer(): Promise<{ done: number[]; failed: number[] }> {
  const events: number[] = [];
  let isOver = false;
  setHandler(eventCame, (event) => void events.push(event));
  setHandler(finish, () => {
    isOver = true;
  });
  const push = call('push', { retry: { maximumAttempts: 2, initialInterval: '200ms' } });
  const [done, failed]: [number[], number[]] = [[], []];
  for (;;) {
    await condition(() => events.length > 0 || isOver);
    const event = events.shift();
    if (event === undefined) return { done, failed };
    await push(event).then(
      () => done.push(event),
      () => failed.push(event),
    );
  }
}

/** One call; what became of it in words. */
export async function outcome(name: string, options: ActivityOptions, ...args: unknown[]): Promise<string> {
  try {
    return `ok ${JSON.stringify(await call(name, options)(...args))}`;
  } catch (error) {
    return reasonOf(error);
  }
}

export const put = defineUpdate<string, [number]>('put');

/** Updates that call an activity. */
export async function store(): Promise<number[]> {
  const values: number[] = [];
  let isOver = false;
  setHandler(finish, () => {
    isOver = true;
  });
  setHandler(put, async (value) => {
    try {
      await call('push', { retry: { maximumAttempts: 2, initialInterval: '100ms' } })(value);
      values.push(value);
      return 'stored';
    } catch (error) {
      return reasonOf(error);
    }
  });
  await condition(() => isOver);
  return values.sort((a, b) => a - b);
}

/** Compensates in reverse order. */
export async function booking(steps: number, failsAt: number): Promise<string[]> {
  const done: number[] = [];
  const log: string[] = [];
  const step = call('step', { retry: { maximumAttempts: 3, initialInterval: '100ms' } });
  const undo = call('undo');
  try {
    for (let n = 0; n < steps; n++) {
      await step(n, n === failsAt);
      done.push(n);
      log.push(`step ${n}`);
    }
  } catch (error) {
    log.push(reasonOf(error));
    for (const n of done.reverse()) log.push(`undo ${await undo(n)}`);
  }
  return log;
}
