import { MAX_FLOODS, type ReportedFlood } from '../flood/floods.js';
import { MAX_KEY, MAX_THROTTLES, type ReportedThrottle } from '../quota/throttles.js';
import {
  count,
  fields,
  flag,
  integer,
  iso,
  isPlain,
  listOf,
  mapOf,
  name,
  oneOf,
  optional,
  problemOf,
  range,
  type Shape,
  text,
  time,
} from '../shape.js';
import { beginning } from '../text/text.js';
import { admit } from './admit.js';
import type { BreakerConfig } from './config.js';
import { describeReason } from './describe.js';
import type { BreakerInput, BreakerReport, ReportedResult } from './messages.js';
import { DEFAULT_BREAKER_CONFIG, parseBreakerConfig } from './parse-config.js';
import { record } from './record.js';
import type { BreakerState, TransitionReason } from './state.js';
import { CircuitBreakerState } from './state-name.js';
import { nextChangeAt, tick } from './tick.js';

/** From any sender: a worker, a worker of another version, or a person. */

const MAX_RESULTS = 10_000;
const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

const duration = range(0, TEN_YEARS_MS);
const sample = fields({
  message: optional(text()),
  category: optional(text(100)),
  statusCode: optional(range(0, 1_000_000)),
  executionId: optional(text()),
});
const reason = fields({
  cause: name(100),
  failures: optional(count),
  calls: optional(count),
  slowCalls: optional(count),
  rate: optional(range(0, 1)),
  threshold: optional(range(0, 1_000_000)),
  successes: optional(count),
  stillRunning: optional(flag),
  sample: optional(sample),
  openFor: optional(duration),
  retryAfter: optional(duration),
  by: optional(text()),
  why: optional(text()),
  expiresAt: optional(time),
});
const result = fields({
  outcome: oneOf(['success', 'failure']),
  execution: optional(text(1_000)),
  exhausted: optional(flag),
  retryAfterMs: optional(duration),
  durationMs: optional(duration),
  trial: optional(text(1_000)),
  ignored: optional(flag),
  stillRunning: optional(flag),
  message: optional(text()),
  category: optional(text(100)),
  statusCode: optional(range(0, 1_000_000)),
});
const throttle = {
  key: optional(text(MAX_KEY)),
  said: optional(text(1_000)),
  perSecond: optional(range(0, 1_000_000)),
  narrowed: optional(flag),
};
const reportedThrottle = fields({ ...throttle, waitMs: duration });
const flood = {
  operation: name(1_000),
  quotaKey: optional(text(MAX_KEY)),
  group: name(100),
  said: optional(text(1_000)),
  letters: count,
  calls: count,
};
const reportedFlood = fields({
  ...{ ...flood, state: oneOf(['held', 'alarm', 'resumed', 'over']), waitMs: duration, agoMs: duration },
});
const report = fields({
  v: oneOf([1]),
  worker: name(500),
  sequence: integer,
  epoch: optional(count),
  entity: optional(text(1_000)),
});
const input = fields({
  v: oneOf([1]),
  name: name(1_000),
  configuredAt: iso,
  conflictAt: optional(iso),
  transitions: optional(listOf(fields({ from: text(100), to: text(100), at: time, epoch: count, reason }))),
  throttles: optional(listOf(fields({ ...throttle, key: text(MAX_KEY), since: time, until: time }))),
  floods: optional(
    listOf(fields({ ...flood, state: oneOf(['held', 'alarm', 'resumed']), since: time, until: time })),
  ),
  workers: optional(mapOf(integer)),
  searchAttributes: listOf(text(200)),
  running: optional(fields({ longestFailureMs: optional(duration), acceptedMs: optional(duration) })),
  permanent: optional(flag),
  idleMs: optional(range(1, TEN_YEARS_MS)),
});
const trialRequest = fields({
  v: oneOf([1]),
  worker: name(500),
  execution: optional(text(1_000)),
  leaseMs: optional(range(1, TEN_YEARS_MS)),
});

/** A report, without what cannot be used of it, and what that is. */
export interface ReadReport {
  readonly report?: BreakerReport;
  readonly problems: readonly string[];
}

/** @param current settings that stand in for those a report does not have in a usable form */
export function readBreakerReport(value: unknown, current: BreakerConfig): ReadReport {
  const wrong = problemOf(report, value, 'report');
  if (wrong !== undefined) return { problems: [wrong] };
  const given = value as BreakerReport;
  const problems: string[] = [];
  const say = (problem: string | undefined) => {
    if (problem !== undefined) problems.push(`${problem}; of worker ${beginning(given.worker, 100)}`);
    return problem === undefined;
  };
  const listed: readonly unknown[] = Array.isArray(given.results) ? given.results : [];
  if (!Array.isArray(given.results)) say('report.results must be a list; none was counted');
  if (listed.length > MAX_RESULTS)
    say(`report.results: of ${listed.length} the first ${MAX_RESULTS} were counted`);
  const results = listed
    .slice(0, MAX_RESULTS)
    .filter((each, index) => say(problemOf(result, each, `report.results[${index}]`))) as ReportedResult[];
  const throttles = readList(
    'throttles',
    given.throttles,
    reportedThrottle,
    MAX_THROTTLES,
    say,
  ) as ReportedThrottle[];
  const floods = readList('floods', given.floods, reportedFlood, MAX_FLOODS, say) as ReportedFlood[];
  const config = readConfig(given.config, say);
  const isDated = config !== undefined && say(problemOf(iso, given.configuredAt, 'report.configuredAt'));
  const { trip, throttles: _, floods: __, ...rest } = given;
  const isTrip = trip !== undefined && trip !== null && say(problemOf(reason, trip, 'report.trip'));
  return {
    report: {
      ...rest,
      results,
      ...(throttles.length > 0 ? { throttles } : {}),
      ...(floods.length > 0 ? { floods } : {}),
      ...(isTrip ? { trip } : {}),
      // Without a date they would win over, or lose against, whatever the others say.
      ...(isDated ? { config, configuredAt: given.configuredAt } : { config: current, configuredAt: '' }),
    },
    problems,
  };
}

function readList(
  field: string,
  given: unknown,
  shape: Shape,
  most: number,
  say: (problem: string | undefined) => boolean,
): readonly unknown[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) {
    say(`report.${field} must be a list`);
    return [];
  }
  return given
    .slice(0, most)
    .filter((each, index) => say(problemOf(shape, each, `report.${field}[${index}]`)));
}

/** Why a workflow cannot be a circuit breaker with such an input, as a sentence; undefined where it can. */
export function breakerInputProblem(value: unknown): string | undefined {
  const wrong = problemOf(input, value, 'input');
  if (wrong !== undefined) return wrong;
  const { config: given, state, transitions = [] } = value as BreakerInput;
  let problem: string | undefined;
  const config = readConfig(given, (why) => {
    problem = why;
    return false;
  });
  if (config === undefined) return problem;
  if (state !== undefined && state !== null && !isUsable(state, config)) {
    return 'input.state is no state of a circuit breaker; leave it out, and it starts closed';
  }
  return transitions.every(({ reason: why }) => canDescribe(why))
    ? undefined
    : 'input.transitions are not those of a circuit breaker; leave them out';
}

/** Why a request for a trial cannot be answered; undefined where it can. */
export function trialRequestProblem(value: unknown): string | undefined {
  return problemOf(trialRequest, value, 'acquireTrial (for workers)');
}

/** The settings, completed; what a later version added beside them is left out. */
export function readConfig(value: unknown, refuse: (problem: string) => unknown): BreakerConfig | undefined {
  if (!isPlain(value)) {
    refuse('config must be the settings of a circuit breaker; got something else');
    return undefined;
  }
  try {
    const known = Object.entries(value).filter(([key]) => Object.hasOwn(DEFAULT_BREAKER_CONFIG, key));
    return parseBreakerConfig(Object.fromEntries(known), 'config');
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Tried out on all the machine does with a state: it changes nothing, and fails at what is none. */
function isUsable(state: BreakerState, config: BreakerConfig): boolean {
  if (!isPlain(state) || !Object.values(CircuitBreakerState).includes(state.status)) return false;
  const { epoch, since } = state;
  if (count(epoch) !== undefined || time(since) !== undefined) return false;
  try {
    const due = nextChangeAt(state, config);
    if (due !== undefined && time(due) !== undefined) return false;
    const { state: now } = tick(state, config, since);
    admit(now, config, since, { executionId: 'a', leaseMs: 1 });
    for (const outcome of ['success', 'failure'] as const) {
      const after = record(
        now,
        config,
        { permit: { epoch: now.epoch }, outcome, executionId: 'a' },
        since,
        0,
      );
      if (time(nextChangeAt(after.state, config) ?? 0) !== undefined) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function canDescribe(why: TransitionReason): boolean {
  try {
    return describeReason(why) !== '';
  } catch {
    return false;
  }
}
