import { idempotencyKey } from '../activities/failing-call/origin.js';
import type { InjectedFailure } from '../activities/injected-failures/failures.js';
import { seededShare } from '../activities/injected-failures/seeded-share.js';

// biome-ignore lint/suspicious/noExplicitAny: any activity
type AnyActivity = (...args: any[]) => unknown;

/** The activity itself, or one that gives a value. */
export type ActivityOf<A> = A extends AnyActivity ? A : () => Promise<A>;

/** What an attempt ends with: a failure of this entry, or an error of your own. */
export type Failure = InjectedFailure | Error;

/** An activity that fails by a recipe, with the type of the activity that it wraps. */
export type FailingActivity<F> = F & {
  /** Attempts so far. */
  readonly attempts: number;
  /** Attempts so far that failed by the recipe. */
  readonly injected: number;
  /** From now on no attempt fails by the recipe. */
  mend(): void;
};

/** When an activity fails, and how. */
export interface FailingRecipe<F extends AnyActivity> {
  /** The first attempts of the worker, of whatever call. */
  times(count: number): {
    /** @param failure what they end with */
    with(failure: Failure): FailingActivity<F>;
  };
  /** Every attempt. */
  always(failure: Failure): FailingActivity<F>;
  /** Every nth call, in all its attempts and replays, until `mend()`. */
  everyNth(n: number, failure: Failure): FailingActivity<F>;
  /** The calls whose arguments give a failure, in all their attempts and replays, until `mend()`. */
  byRecord(choose: (...args: Parameters<F>) => Failure | undefined): FailingActivity<F>;
  /** A share of the attempts, from 0 to 1. The same seed fails the same attempts, counted in their order. */
  share(rate: number, failure: Failure, seed?: string): FailingActivity<F>;
}

/**
 * An activity that fails by a recipe, and is the real one otherwise.
 *
 * ```ts
 * const activities = { writeOrder: failing(writeOrder).times(3).with(http(503)) };
 * ```
 * @param activity the real activity, or a value that it gives
 */
export function failing<A>(activity: A): FailingRecipe<ActivityOf<A>> {
  type F = ActivityOf<A> & AnyActivity;
  const real = (typeof activity === 'function' ? activity : async () => activity) as F;
  const by = (choose: (attempt: number, args: unknown[]) => Failure | undefined) => wrap(real, choose);
  const recipe: FailingRecipe<F> = {
    times: (count) => ({ with: (failure) => by((attempt) => (attempt <= count ? failure : undefined)) }),
    always: (failure) => by(() => failure),
    everyNth(n, failure) {
      const numberOf = callNumbers();
      return by(() => (numberOf() % n === 0 ? failure : undefined));
    },
    byRecord: (choose) => by((_, args) => choose(...(args as Parameters<F>))),
    share: (rate, failure, seed = '') =>
      by((attempt) => (seededShare(seed, attempt) < rate ? failure : undefined)),
  };
  return recipe as FailingRecipe<ActivityOf<A>>;
}

function wrap<F extends AnyActivity>(
  real: F,
  choose: (attempt: number, args: unknown[]) => Failure | undefined,
): FailingActivity<F> {
  let attempts = 0;
  let injected = 0;
  let isMended = false;
  async function activity(this: unknown, ...args: unknown[]): Promise<unknown> {
    const failure = choose(++attempts, args);
    if (failure === undefined || isMended) return real.apply(this, args);
    injected++;
    // Not by its class: test runners have an `Error` of their own for each file.
    if (!('fail' in failure)) throw failure;
    return failure.fail();
  }
  // What an activity has beside its code, such as its options, goes with it.
  Object.assign(activity, real);
  Object.defineProperties(activity, {
    attempts: { get: () => attempts },
    injected: { get: () => injected },
    mend: {
      value: () => {
        isMended = true;
      },
    },
  });
  return activity as unknown as FailingActivity<F>;
}

/** The number of the call that runs, from 1: the same in all its attempts and replays. */
function callNumbers(): () => number {
  const numbers = new Map<string, number>();
  let last = 0;
  return () => {
    const key = callKey();
    const number = (key === undefined ? undefined : numbers.get(key)) ?? ++last;
    if (key !== undefined) numbers.set(key, number);
    return number;
  };
}

/** Undefined outside of an activity that a workflow called: each run is a call then. */
function callKey(): string | undefined {
  try {
    return idempotencyKey();
  } catch {
    return undefined;
  }
}
