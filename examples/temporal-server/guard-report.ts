/** What the guard tells its owner, one JSON line each. */
export type GuardReport =
  | { event: 'spawned'; pid: number }
  | { event: 'ended'; reason: string; stderr: string[] };

export type Ended = { reason: string; stderr: string[] };
