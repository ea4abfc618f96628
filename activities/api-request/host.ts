import { resolveUrl } from './url.js';

/** Where an activity function says which circuit breaker a call of it belongs to. */
const BREAKER_NAME: unique symbol = Symbol.for('temporal-recovery.breakerName') as never;

type BreakerName = (args: readonly unknown[]) => string | undefined;

/**
 * Host name that the arguments of an `apiRequest` lead to, without port; undefined where they lead nowhere. Pure:
 * the name is not looked up, redirects are not known.
 */
function hostOf(args: readonly unknown[], baseUrl?: string): string | undefined {
  const [request] = args;
  const url = typeof request === 'string' ? request : (request as { url?: unknown } | null | undefined)?.url;
  if (typeof url !== 'string') return undefined;
  try {
    return resolveUrl(url, baseUrl).hostname;
  } catch {
    return undefined;
  }
}

/** Gives an activity function a breaker per host: `host:<hostname>`. */
export function withBreakerPerHost<T extends object>(activity: T, baseUrl?: string): T {
  const name: BreakerName = (args) => {
    const host = hostOf(args, baseUrl);
    return host === undefined ? undefined : `host:${host}`;
  };
  return Object.defineProperty(activity, BREAKER_NAME, { value: name });
}

/** The breaker an activity function names for these arguments; undefined for functions that name none. */
export function breakerNameOf(activity: unknown, args: readonly unknown[]): string | undefined {
  const name = (activity as { [BREAKER_NAME]?: BreakerName } | null | undefined)?.[BREAKER_NAME];
  return name?.(args);
}
