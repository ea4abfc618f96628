import {
  ActivityFailure,
  type ActivityOptions,
  condition,
  defineSignal,
  executeChild,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';

/** Workflows as people write them who know nothing of this package. */

type Activities = Record<string, (...args: unknown[]) => Promise<unknown>>;

const activities = (options?: ActivityOptions) =>
  proxyActivities<Activities>({ startToCloseTimeout: '10s', ...options }) as Activities & {
    [name: string]: (...args: unknown[]) => Promise<unknown>;
  };

/** One activity, whatever comes of it. */
export async function one(name: string, options: ActivityOptions, ...args: unknown[]): Promise<unknown> {
  return activities(options)[name]?.(...args);
}

/** Records one after the other. */
export async function sequence(records: number, options: ActivityOptions = {}): Promise<number> {
  const { write } = activities(options);
  let failed = 0;
  for (let record = 0; record < records; record++) {
    try {
      await write?.(record);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      failed++;
    }
  }
  return failed;
}

/** Records side by side. */
export async function parallel(records: number, options: ActivityOptions = {}): Promise<number> {
  const { write } = activities(options);
  const ends = await Promise.allSettled(Array.from({ length: records }, (_, record) => write?.(record)));
  return ends.filter(({ status }) => status === 'rejected').length;
}

/** Calls until it works, as people write it. */
export async function retryLoop(order: string): Promise<string> {
  const { charge } = activities();
  for (;;) {
    try {
      return String(await charge?.(order));
    } catch {
      await sleep('1s');
    }
  }
}

/** Compensates, and fails with what went wrong. */
export async function saga(trip: string): Promise<void> {
  const { bookFlight, bookHotel, cancelFlight } = activities({ retry: { maximumAttempts: 3 } });
  await bookFlight?.(trip);
  try {
    await bookHotel?.(trip);
  } catch (error) {
    await cancelFlight?.(trip);
    throw error;
  }
}

/** Compensates, and completes: the customer was told. */
export async function compensated(order: string): Promise<string> {
  const { charge, cancelOrder } = activities({ retry: { maximumAttempts: 3 } });
  try {
    await charge?.(order);
    return 'paid';
  } catch {
    await cancelOrder?.(order);
    return 'cancelled';
  }
}

/** A parent that tries its child again. */
export async function parentOfRetried(order: string): Promise<unknown> {
  return executeChild(chargeOnce, {
    args: [order],
    retry: { maximumAttempts: 10, initialInterval: '1s', backoffCoefficient: 1 },
  });
}

export async function chargeOnce(order: string): Promise<unknown> {
  return activities({ retry: { maximumAttempts: 1 } }).charge?.(order);
}

export const goOn = defineSignal('goOn');

/** Waits for a signal while an activity is tried. */
export async function signalled(): Promise<string[]> {
  const seen: string[] = [];
  let isSignalled = false;
  setHandler(goOn, () => {
    isSignalled = true;
    seen.push('signal');
  });
  const { write } = activities();
  await Promise.all([
    write?.(0).then(() => seen.push('activity')),
    condition(() => isSignalled).then(() => seen.push('handled')),
  ]);
  return seen;
}

/** A local activity that fails twice. */
export async function local(): Promise<unknown> {
  const { flaky } = proxyLocalActivities<Activities>({
    startToCloseTimeout: '5s',
    retry: { initialInterval: 10, maximumAttempts: 5 },
  });
  return flaky?.();
}

/** A session: the first activity says which task queue its worker listens to. */
export async function session(): Promise<unknown> {
  const { whereAmI } = activities();
  const taskQueue = String(await whereAmI?.());
  return activities({ taskQueue, retry: { maximumAttempts: 4 } }).flaky?.();
}

export async function versioned(): Promise<unknown> {
  const name = patched('uses-flaky') ? 'flaky' : 'whereAmI';
  return activities()[name]?.();
}
