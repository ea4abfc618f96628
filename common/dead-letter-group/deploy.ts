/** Which workers run an activity, and whether a build is among them that has not failed. */

/** What is asked of the server. */
export interface DeployQuestion {
  /** Task queues of the calls. */
  readonly taskQueues: readonly string[];
  /** Builds that have failed; empty: none is known, and those that poll now are the old ones. */
  readonly failed: readonly string[];
  /** Milliseconds after which a worker that no longer polls counts as gone. */
  readonly goneMs: number;
}

/** A worker that polls a task queue, as the server says. */
export interface Poller {
  readonly build: string;
  /** Milliseconds since the epoch, of the server's clock. */
  readonly seenAt: number;
}

export interface Deploy {
  /** Builds that poll and have not failed. */
  readonly builds: readonly string[];
  /** Set where no build was known to have failed: those that poll. */
  readonly baseline?: readonly string[];
}

/** How a redrive has ended. */
export interface RedriveEnd {
  /** `COMPLETED`, `STOPPED`, `CANCELLED`, or why it failed. */
  readonly status: string;
  readonly total: number;
  readonly replayed: number;
  /** Letters that still wait. */
  readonly left: number;
  readonly why?: string;
}

/**
 * Builds that have taken the place of those that failed: they poll, and no worker of a failed build polls any more. Undefined
 * while there are none. The clocks of server and worker are not compared: a worker is gone if others polled long after it.
 */
export function newBuilds(
  pollers: readonly Poller[],
  failed: readonly string[],
  goneMs: number,
): readonly string[] | undefined {
  const newest = Math.max(...pollers.map(({ seenAt }) => seenAt));
  const there = new Set(pollers.filter(({ seenAt }) => newest - seenAt <= goneMs).map(({ build }) => build));
  const builds = [...there].filter((build) => !failed.includes(build));
  return builds.length > 0 && builds.length === there.size ? builds.sort() : undefined;
}
