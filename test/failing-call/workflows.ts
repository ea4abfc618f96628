import {
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  startChild,
} from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';
import {
  deadLetterDiscarded,
  deadLetterExpired,
  deadLetterId,
  type FallbackError,
  proxyRecoverableActivities,
  proxyRecoverableLocalActivities,
  type RecoverableActivityOptions,
} from 'temporal-recovery/workflow';
import { callOne, type Seen, see } from '../support/workflows.js';

export { callOne } from '../support/workflows.js';

type Activities = Record<string, (...args: unknown[]) => Promise<unknown>>;
type Options = Partial<RecoverableActivityOptions<Activities>>;

/** Calls one activity with recovery options. */
export async function recoverCall(activity: string, args: unknown[], options?: Options): Promise<Seen> {
  const activities = proxyRecoverableActivities<Activities>({ startToCloseTimeout: '10s', ...options });
  return outcome(activities[activity]?.(...args));
}

/** Goes on after the failure, until somebody cancels it. */
export async function recoverAndGoOn(activity: string, args: unknown[], options?: Options): Promise<never> {
  let seen: Seen | undefined;
  setHandler(defineQuery('seen'), () => seen ?? null);
  seen = await recoverCall(activity, args, options);
  await condition(() => false);
  throw new Error('never');
}

export async function recoverLocalCall(activity: string, args: unknown[], options?: Options): Promise<Seen> {
  const { recovery, retry } = options ?? {};
  const activities = proxyRecoverableLocalActivities<Activities>({
    startToCloseTimeout: '10s',
    recovery,
    retry,
  });
  return outcome(activities[activity]?.(...args));
}

/** A function answers: with what it was given, by calling another activity, or not at all. */
export async function recoverByFunction(
  activity: string,
  how: 'given' | 'activity' | 'throws',
): Promise<Seen> {
  const { backup } = proxyRecoverableActivities<Activities>({ startToCloseTimeout: '10s' });
  const activities = proxyRecoverableActivities<Activities>({
    startToCloseTimeout: '10s',
    recovery: {
      strategies: 'FAIL_FAST',
      fallback: async (...given: [...unknown[], FallbackError]) => {
        const error = given.at(-1) as FallbackError;
        if (how === 'throws') throw new Error('no idea either');
        await sleep(1);
        if (how === 'activity') return backup?.('from a function');
        return { args: given.slice(0, -1), category: error.errorCategory, status: error.statusCode };
      },
    },
  });
  return outcome(activities[activity]?.('a', 2));
}

/** One call says otherwise than its proxy. */
export async function recoverWithOptions(activity: string): Promise<unknown> {
  const activities = proxyRecoverableActivities<Record<'refuse', (a: string) => Promise<string>>>({
    startToCloseTimeout: '10s',
    recovery: { fallback: { value: 'of the proxy' } },
  });
  const call = activities[activity as 'refuse'];
  return [
    await call('x'),
    await call.executeWithOptions({ recovery: { fallback: { value: 'of the call' } } }, ['x']),
    await call.executeWithOptions({ summary: 'no recovery here' }, ['x']),
  ];
}

/** The scope is cancelled while the fallback works. */
export async function cancelFallback(): Promise<string> {
  const activities = proxyRecoverableActivities<Activities>({
    startToCloseTimeout: '10s',
    recovery: { fallback: { activity: 'hang' } },
  });
  try {
    await CancellationScope.cancellable(async () => activities.refuse?.());
    return 'answered';
  } catch (error) {
    return isCancellation(error) ? 'cancelled' : String(error);
  }
}

export async function badOptions(recovery: object): Promise<string> {
  try {
    proxyRecoverableActivities({ startToCloseTimeout: '10s', recovery });
    return 'accepted';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

async function outcome(result: Promise<unknown> | undefined): Promise<Seen> {
  try {
    const value = await result;
    return { result: value === undefined ? 'undefined' : value };
  } catch (error) {
    return see(error);
  }
}

/** Tells what its code sees of a letter it waited for. */
export async function discardOfLetter(key: string): Promise<unknown> {
  const { write } = proxyRecoverableActivities<Activities>({ startToCloseTimeout: '10s' });
  try {
    return await write?.(key, 1);
  } catch (error) {
    const { by, reason } = deadLetterDiscarded(error) ?? {};
    return { discarded: { by, reason }, expired: deadLetterExpired(error) };
  }
}

export async function callMany(activity: string, count: number): Promise<unknown[]> {
  const activities = proxyRecoverableActivities<Activities>({ startToCloseTimeout: '10s' });
  return Promise.all(
    Array.from({ length: count }, (_, index) => activities[activity]?.(`many-${index}`, index)),
  );
}

/**
 * Calls an activity while it has so many children. Two are started that no worker runs; the others would keep a server
 * busy for minutes, and are only entered where the SDK keeps those that are pending.
 */
export async function callAmongChildren(activity: string, children: number): Promise<Seen> {
  const { childWorkflowComplete: pending } = getActivator().completions;
  await Promise.all([1, 2].map(() => startChild('child', { taskQueue: 'nobody', args: [] })));
  const [child] = pending.values();
  if (pending.size !== 2 || child === undefined) throw new Error('The SDK keeps its children elsewhere');
  for (let index = 2; index < children; index++) pending.set(-index, child);
  return callOne(activity, ['crowded', 1]);
}

/** Calls that all fail; @returns how many have a letter. */
export async function callCrowd(count: number, taskQueue: string): Promise<number> {
  const { refuse } = proxyActivities<{ refuse(): Promise<void> }>({ taskQueue, startToCloseTimeout: '10s' });
  const calls = Array.from({ length: count }, () =>
    refuse().then(
      () => undefined,
      (error) => deadLetterId(error),
    ),
  );
  return new Set((await Promise.all(calls)).filter((id) => id !== undefined)).size;
}

/** Calls that fail at the same time, and whose callers then go on in ways of their own. */
export async function catchDifferently(count: number): Promise<void> {
  const { refuse, note } = proxyActivities<Activities>({ startToCloseTimeout: '10s' });
  await Promise.all(
    Array.from({ length: count }, async (_, id) => {
      try {
        await refuse?.(id);
      } catch {
        // Some need more microtasks than others until they give a command.
        for (let step = 0; step < (id % 3) * 10; step++) await null;
        if (id % 3 === 0) await note?.(id);
        else await sleep(id);
      }
    }),
  );
}

/** Calls that fail one after the other, many of them while others are decided; then one with a fallback, a local activity, a timer, another failure. */
export async function failInTurn(count: number): Promise<void> {
  const { refuse, refuseAfter, note } = proxyActivities<Activities>({ startToCloseTimeout: '10s' });
  const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '10s' });
  const skipping = proxyRecoverableActivities<Activities>({
    startToCloseTimeout: '10s',
    recovery: { fallback: { value: 'none' } },
  });
  const then = [
    () => skipping.refuse?.(0),
    () => local.note?.(5),
    () => sleep(1),
    () => refuse?.(0).catch(() => note?.(1)),
  ];
  await Promise.all(
    Array.from({ length: count }, async (_, id) => {
      try {
        await refuseAfter?.((id * 37) % 400);
      } catch {
        await then[id % then.length]?.();
        await note?.(1);
      }
    }),
  );
}

/** An activity that fails while a local one runs, which fails later. */
export async function failWithLocal(localMs: number): Promise<void> {
  const { refuseAfter, note } = proxyActivities<Activities>({
    ...{ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } },
  });
  const local = proxyRecoverableLocalActivities<Activities>({
    ...{ startToCloseTimeout: '20s', retry: { maximumAttempts: 1 }, recovery: {} },
  });
  const orNote = (call: Promise<unknown> | undefined) => call?.catch(() => note?.(1));
  await Promise.all([orNote(local.refuseAfter?.(localMs)), orNote(refuseAfter?.(300))]);
}

/** Calls that fail while local activities of the workflow's own run, also after a failure. */
export async function failBesideLocal(count: number): Promise<void> {
  const { refuse, note } = proxyActivities<Activities>({ startToCloseTimeout: '10s' });
  const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '10s' });
  const failing = async (id: number): Promise<void> => {
    try {
      await refuse?.(id);
    } catch {
      if (id % 2 === 0) await local.note?.(20);
      await note?.(0);
    }
  };
  const healthy = async (id: number): Promise<void> => {
    await note?.(0);
    await local.note?.((id * 37) % 60);
    await sleep(1 + id);
    await local.note?.((id * 17) % 40);
    await note?.(0);
  };
  await Promise.all(Array.from({ length: count }, (_, id) => Promise.all([failing(id), healthy(id)])));
}

export const go = defineSignal('go');

/**
 * Calls fail while a local activity of the workflow runs, so that the next workflow task begins with that. The query `slow` that comes
 * meanwhile is answered in this task, and takes so long that what the task began has ended before.
 * @param what a second call fails during the query; or the failing call is a local activity; or its failure cancels another call
 */
export async function failWhileQueried(
  what: 'activities' | 'local activity' | 'cancelled activity',
): Promise<string[]> {
  const { refuseAfter, note: hang } = proxyActivities<Activities>({
    ...{ startToCloseTimeout: '30s', retry: { maximumAttempts: 1 }, cancellationType: 'TRY_CANCEL' },
  });
  const local = proxyRecoverableLocalActivities<Activities>({
    ...{ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 }, recovery: {} },
  });
  const { note } = proxyLocalActivities<Activities>({ startToCloseTimeout: '10s' });
  const log: string[] = [];
  let signals = 0;
  setHandler(go, () => void signals++);
  answerSlowly();
  const others = new CancellationScope();
  const failing = async (name: string, call: Promise<unknown> | undefined) => {
    await call?.catch(() => others.cancel());
    log.push(name);
    await sleep(1);
  };
  const calls: Promise<unknown>[] = [];
  if (what !== 'local activity') calls.push(failing('first', refuseAfter?.(1_200)));
  if (what === 'activities') calls.push(failing('second', refuseAfter?.(1_800)));
  if (what === 'cancelled activity')
    calls.push(others.run(async () => hang?.(20_000)).catch(() => log.push('cancelled')));
  await condition(() => signals > 0);
  await note?.(1_500);
  if (what === 'local activity') {
    await condition(() => signals > 1);
    calls.push(failing('first', local.refuseAfter?.(20)));
  }
  await Promise.all(calls);
  return log;
}

/** A call fails, and another one, that hangs, ends when its activity is told to. */
export async function failBesideAnother(taskQueue: string): Promise<string[]> {
  const { refuse, hang, note } = proxyActivities<Activities>({
    ...{ startToCloseTimeout: '60s', retry: { maximumAttempts: 1 }, taskQueue },
  });
  const log: string[] = [];
  answerSlowly();
  const failing = async () => {
    await refuse?.().catch(() => log.push('failed'));
    await sleep(1);
  };
  const ending = async () => {
    await hang?.();
    log.push('ended');
    await note?.();
  };
  await Promise.all([failing(), ending()]);
  return log;
}

/** The query `slow`. */
function answerSlowly(): void {
  setHandler(defineQuery('slow'), () => {
    let spent = 0;
    for (let step = 0; step < 500_000_000; step++) spent += step & 1;
    return spent;
  });
}
