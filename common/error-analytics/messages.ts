import type { AnnouncedHooks } from '../alerts/messages.js';
import { ERROR_ANALYTICS_ID_PREFIX } from '../contract.js';
import { isErrorCategory } from '../errors/index.js';
import {
  count,
  fields,
  integer,
  isPlain,
  name,
  oneOf,
  optional,
  problemOf,
  range,
  text,
  time,
} from '../shape.js';
import { beginning, nameInId, oneLine } from '../text/text.js';

/** Workflow id of the errors of a fleet. @param taskQueue of its recovery workers: those of two fleets do not mix */
export function analyticsWorkflowId(taskQueue: string): string {
  return `${ERROR_ANALYTICS_ID_PREFIX}${taskQueue}`;
}

/** Errors that have the same cause, in one minute. */
export interface ReportedErrors {
  readonly count: number;
  /** Milliseconds from the last of them to the sending of the report. */
  readonly agoMs: number;
  readonly category: string;
  /** Absent where there were more causes than a report holds. */
  readonly operation?: string;
  /** Host of the request, with its port. */
  readonly host?: string;
  /** Fingerprint of the cause, as in `RecoveryGroup`. */
  readonly group?: string;
  readonly statusCode?: number;
  /** Message without what differs from one error to the next. */
  readonly pattern?: string;
}

/** Input of the signal `record`. */
export interface ErrorReport {
  readonly v: 1;
  /** Of the process that reports. */
  readonly worker: string;
  /** Larger than in the reports of this worker before. One that arrives twice is ignored. */
  readonly sequence: number;
  /** Milliseconds since the epoch, by the clock of the worker. */
  readonly sentAt: number;
  readonly errors: readonly ReportedErrors[];
  /** Whether the server can list letters by cause: `RecoveryGroup` is registered. Absent where the worker does not know. */
  readonly listsGroups?: boolean;
}

/** Memo of the workflow, for workers. */
export interface AnalyticsMemo {
  readonly v: 1;
  /** Workers that reported lately, at least half as many as there were. */
  readonly workers: number;
  /** The hooks that are served; absent where there are none. */
  readonly hooks?: AnnouncedHooks;
}

/** Text of a report is cut to this. */
const MAX_NAME = 200;
const MAX_PATTERN = 300;
/** The workflow remembers some thousand workers. */
const MAX_WORKER_BYTES = 60;
/** Causes of a report, and what did not fit by category and minute. */
const MAX_ERRORS = 2_000;
const MAX_COUNT = 1_000_000_000;
const WEEK_MS = 7 * 24 * 3_600_000;

const report = fields({ v: oneOf([1]), worker: name(500), sequence: integer, sentAt: time });
const errors = fields({
  count: range(1, MAX_COUNT),
  agoMs: range(0, Number.MAX_SAFE_INTEGER),
  category: name(100),
  operation: optional(text()),
  host: optional(text()),
  group: optional(text()),
  statusCode: optional(count),
  pattern: optional(text()),
});

/** A report, without what cannot be used of it, and what that is. From any sender: a worker of any version, or a person. */
export function readErrorReport(value: unknown): { report?: ErrorReport; problems: string[] } {
  const problem = problemOf(report, value, 'report');
  if (problem !== undefined) return { problems: [problem] };
  const { v, worker, sequence, sentAt, errors: listed, listsGroups } = value as ErrorReport;
  if (!Array.isArray(listed)) return { problems: ['report.errors must be a list'] };
  const problems: string[] = [];
  const usable = listed.slice(0, MAX_ERRORS).flatMap((each: unknown, at): ReportedErrors[] => {
    const wrong = problemOf(errors, each, `report.errors[${at}]`);
    if (wrong !== undefined) problems.push(wrong);
    return wrong === undefined && isPlain(each) ? [cut(each as unknown as ReportedErrors)] : [];
  });
  return {
    report: {
      ...{ v, worker: nameInId(oneLine(worker), MAX_WORKER_BYTES), sequence, sentAt, errors: usable },
      ...(typeof listsGroups === 'boolean' ? { listsGroups } : {}),
    },
    problems,
  };
}

function cut({
  count,
  agoMs,
  category,
  operation,
  host,
  group,
  statusCode,
  pattern,
}: ReportedErrors): ReportedErrors {
  const short = (value: string | undefined, length: number) =>
    value ? beginning(oneLine(value), length) : undefined;
  return {
    count: Math.round(count),
    agoMs: Math.min(agoMs, WEEK_MS),
    // A category of a later version.
    category: isErrorCategory(category) ? category : 'UNKNOWN',
    operation: short(operation, MAX_NAME),
    host: short(host, MAX_NAME),
    group: short(group, MAX_NAME),
    statusCode: statusCode ?? undefined,
    pattern: short(pattern, MAX_PATTERN),
  };
}
