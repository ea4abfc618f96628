import { Context } from '@temporalio/activity';

type Run = (...args: unknown[]) => Promise<unknown>;

/** The plugin's activities beside the user's, which run inside of the user's interceptors. */
export class OwnActivities {
  private readonly runs = new Map<string, Run>();
  private readonly begun = new WeakSet<Context>();

  constructor(private readonly fault: (where: string, error: unknown) => void) {}

  /** Makes an activity known. @returns what calls it, for `run` to know that it has begun */
  add<T extends (...args: never[]) => Promise<unknown>>(name: string, activity: T): T {
    const run = (...args: unknown[]) => {
      this.begun.add(Context.current());
      return (activity as unknown as Run)(...args);
    };
    this.runs.set(name, run);
    // With what the SDK has noted on it.
    return Object.assign(run, activity) as unknown as T;
  }

  /**
   * Runs one inside of the user's interceptors; without them if they have not let it begin: they may reject an activity that they
   * do not know, or that has no header of theirs, and the failed call would wait for as long as they do.
   */
  async run(
    context: Context,
    args: unknown[],
    throughInterceptors: () => Promise<unknown>,
  ): Promise<unknown> {
    const { activityType } = context.info;
    const run = this.runs.get(activityType);
    let error: unknown;
    try {
      const result = await throughInterceptors();
      if (run === undefined || this.begun.has(context)) return result;
    } catch (thrown) {
      if (run === undefined || this.begun.has(context)) throw thrown;
      error = thrown;
    }
    this.fault(
      `passing ${activityType} through an activity interceptor of yours`,
      error ?? 'it did not call next',
    );
    return run(...args);
  }
}
