/** What became of the workflow run that made the call of a dead letter. */
export const OriginStatus = {
  /** It runs: it was notified of the failure, and may have handled it. */
  OPEN: 'open',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timedOut',
  CONTINUED_AS_NEW: 'continuedAsNew',
  /** It failed or timed out, and its retry policy or cron schedule started a newer run. */
  RETRIED: 'retried',
  /** A newer run was reset from it. */
  RESET: 'reset',
  /** The server does not keep it any more. */
  GONE: 'gone',
  /** It could not be looked up. */
  UNKNOWN: 'unknown',
} as const;
/** A state of an origin: one of the values of the constant of the same name. */
export type OriginStatus = (typeof OriginStatus)[keyof typeof OriginStatus];

export const ORIGIN_STATUSES: readonly OriginStatus[] = Object.values(OriginStatus);

/** What was seen of an origin, and when. */
export interface OriginSeen {
  /** State of the workflow run at that time. */
  readonly status: OriginStatus;
  /** ISO. */
  readonly at: string;
}

/** Letters by what became of their origins; states without letters are omitted. */
export type OriginCounts = Readonly<Partial<Record<OriginStatus, number>>>;

/** What a list of statuses must be, where it is not. */
export function originStatusesProblem(value: unknown): string | undefined {
  const isList =
    Array.isArray(value) && value.length > 0 && value.every((each) => ORIGIN_STATUSES.includes(each));
  return isList ? undefined : `a list of at least one of ${ORIGIN_STATUSES.join(', ')}`;
}

export function addOrigin(counts: OriginCounts, status: OriginStatus, letters = 1): OriginCounts {
  return { ...counts, [status]: (counts[status] ?? 0) + letters };
}

/** Such as `12 completed, 3 open`; the most first. */
export function originsText(counts: OriginCounts): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
}

const SINCE: Record<OriginStatus, string> = {
  open: 'is **OPEN**: it was notified of the failure, and may have handled it',
  completed: 'has **COMPLETED** since',
  failed: 'has **FAILED** since',
  cancelled: 'was **CANCELLED** since',
  terminated: 'was **TERMINATED** since',
  timedOut: 'has **TIMED OUT** since',
  continuedAsNew: 'has **CONTINUED AS NEW** since',
  retried: 'failed and was **RETRIED**: a newer run of it may make this call itself',
  reset: 'was **RESET**: a newer run of it may make this call itself',
  gone: 'is **GONE**: the server no longer keeps it',
  unknown: 'could not be looked up',
};

/** For the page of a letter, as Markdown: what became of its origin, and what a replay is worth then. */
export function originSentence(status: OriginStatus): string {
  return `The workflow that made this call ${SINCE[status]}. A replay repeats only this call.`;
}
