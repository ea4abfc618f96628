import type {
  FallbackActivity,
  FallbackError,
  FallbackValue,
  RecoveryOptions,
} from '../../common/strategies/options.js';

/** What the activities of an interface resolve to, as far as it fits all of them. */
// biome-ignore lint/suspicious/noExplicitAny: any function is an activity
type AnyFunction = (...args: any[]) => any;
type ResultOf<A> = {
  [K in keyof A]: A[K] extends AnyFunction ? (result: Awaited<ReturnType<A[K]>>) => void : never;
}[keyof A] extends (result: infer Result) => void
  ? Result
  : never;

/** A function of the workflow that answers. It gets the arguments of the call and, as the last one, the error. */
type FallbackFunction<A> = {
  [K in keyof A]: A[K] extends AnyFunction
    ? (answer: (...args: [...Parameters<A[K]>, FallbackError]) => ResultOf<A> | Promise<ResultOf<A>>) => void
    : never;
}[keyof A] extends (answer: infer Answer) => void
  ? Answer
  : never;

/** What stands for the result of a failed call: a value, another activity, or a function of the workflow. */
export type Fallback<A> = FallbackValue<ResultOf<A>> | FallbackActivity | FallbackFunction<A>;

/** What is done when the calls of a proxy fail. Settings that are not made are those of the worker's plugin. */
export interface CallRecoveryOptions<A> extends RecoveryOptions<Fallback<A>, ResultOf<A> | undefined> {
  /** Name the calls go by, for the plugin's `operations` and in dead letters. @default the activity type */
  operation?: string;
  /** Name of their circuit breaker; `false` for none. @default as the plugin says */
  breaker?: string | false;
  /** Name of the dead-letter queue of their letters. */
  queue?: string;
  /** Kept with a dead letter for its readers. JSON of at most 4,000 bytes; secrets are not shown. */
  metadata?: Record<string, unknown>;
}
