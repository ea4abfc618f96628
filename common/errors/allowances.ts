import { countOf, readList } from './structured-list.js';

/** What is left of a policy, and the seconds until it is full again (or the time of that). */
interface Allowance {
  readonly remaining: number | undefined;
  readonly reset: number | undefined;
}

/** draft-ietf-httpapi-ratelimit-headers: `RateLimit: "default";r=0;t=30`, formerly `limit=10, remaining=0, reset=30`. */
export function allowancesOf(text: string | undefined): Allowance[] {
  return readList(text).map(({ parameters }) => {
    const first = (...names: readonly string[]) =>
      names.map((name) => countOf(parameters.get(name))).find((count) => count !== undefined);
    return { remaining: first('r', 'remaining'), reset: first('t', 'reset', 'resets') };
  });
}
