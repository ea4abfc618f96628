import type { ActivityFunction, UntypedActivities } from '@temporalio/common';
import { deepMerge } from '@temporalio/common/lib/internal-workflow';
import {
  type ActivityInterfaceFor,
  type LocalActivityInterfaceFor,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { CallRecoveryOptions } from './call-recovery-options.js';
import { mustBeRecovered } from './must-be-recovered.js';
import { readCallRecovery } from './read-call-recovery.js';
import { withRecovery } from './recovery-of-call.js';

// What the functions take, since the names of these types are not the same in all versions of the SDK.
type ProxyOptions<A> = Parameters<typeof proxyActivities<A>>[0];
type LocalProxyOptions<A> = Parameters<typeof proxyLocalActivities<A>>[0];

/** Options of `proxyActivities`, and what is done when the calls fail. */
export type RecoverableActivityOptions<A = UntypedActivities> = ProxyOptions<A> & {
  recovery?: CallRecoveryOptions<A>;
};

/** Options of `proxyLocalActivities`, and what is done when the calls fail. */
export type RecoverableLocalActivityOptions<A = UntypedActivities> = LocalProxyOptions<A> & {
  recovery?: Omit<CallRecoveryOptions<A>, 'breaker'>;
};

/**
 * `proxyActivities`, with a say in what is done when the calls fail. Settings that are not made here are those of the
 * worker's plugin. They travel in a header and cost no history events. On a worker without the plugin a call fails the workflow task.
 *
 * ```ts
 * const { getPrice } = proxyRecoverableActivities<typeof activities>({
 *   startToCloseTimeout: '10s',
 *   recovery: { strategies: 'RETRY', maxRetries: 3, fallback: (sku, error) => lastKnownPrice(sku) },
 * });
 * ```
 * Calls can be given options of their own with `executeWithOptions({ recovery: … }, args)`.
 * @throws InvalidRecoveryError with path, value and allowed values
 */
export function proxyRecoverableActivities<A = UntypedActivities>(
  options: RecoverableActivityOptions<A>,
): RecoverableInterfaceFor<A, ActivityInterfaceFor<A>, RecoverableActivityOptions> {
  return proxy(options, 'proxyRecoverableActivities', (prepared) => proxyActivities<A>(prepared)) as never;
}

/**
 * The same for local activities. Their attempts are made by one worker and leave no trace on the server between them,
 * so the times of earlier attempts are not in the dead letter. A replay runs the activity on the workflow's task queue
 * as an ordinary one.
 * @throws InvalidRecoveryError with path, value and allowed values
 */
export function proxyRecoverableLocalActivities<A = UntypedActivities>(
  options: RecoverableLocalActivityOptions<A>,
): RecoverableInterfaceFor<A, LocalActivityInterfaceFor<A>, RecoverableLocalActivityOptions> {
  return proxy(options, LOCAL, (prepared) => proxyLocalActivities<A>(prepared)) as never;
}

/** As the SDK's, but that `executeWithOptions` takes `recovery` too. */
type RecoverableInterfaceFor<A, Plain, Options> = {
  [K in keyof Plain]: K extends keyof A
    ? A[K] extends ActivityFunction
      ? A[K] & {
          executeWithOptions(
            options: Partial<Omit<Options, 'recovery' | 'activityTypeInfo'>> & {
              recovery?: CallRecoveryOptions<Pick<A, K>>;
            },
            args: Parameters<A[K]>,
          ): Promise<Awaited<ReturnType<A[K]>>>;
        }
      : Plain[K]
    : Plain[K];
};

const LOCAL = 'proxyRecoverableLocalActivities';

type Functions = Record<string, ((...args: unknown[]) => Promise<unknown>) | undefined>;

function proxy<O extends { recovery?: object }>(
  options: O,
  what: string,
  make: (prepared: Omit<O, 'recovery'>) => object,
): object {
  const prepare = ({ recovery, ...rest }: O) =>
    make(withRecovery(rest, readCallRecovery(recovery ?? {}, what, { local: what === LOCAL }))) as Functions;
  // Here, so that invalid input throws where the proxy is made and not at the first call.
  const functions = prepare(options);
  return new Proxy(
    {},
    {
      get(_, name) {
        const named = functions[name as string];
        if (named === undefined) return undefined;
        const call = (...args: unknown[]) => {
          mustBeRecovered(what);
          return named(...args);
        };
        const withOptions = (more: Partial<O>, args: unknown[]) => {
          mustBeRecovered(what);
          return prepare(deepMerge(options, more))[name as string]?.(...args);
        };
        return Object.assign(call, { executeWithOptions: withOptions });
      },
    },
  );
}
