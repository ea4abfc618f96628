import { ErrorCategory } from '../errors/category.js';
import { show } from '../text/show.js';
import {
  type BreakerConfig,
  type BreakerConfigInput,
  type CountedCategory,
  type CountWindow,
  type HalfOpenConfig,
  JITTERS,
  type OpenTime,
  type RateRule,
  type SlowCallRule,
  type TimeWindow,
  TRIAL_INTERVAL_MS,
} from './config.js';
import { number, object, oneOf, optional, type Reader, readOrThrow } from './fields.js';

const MINUTE = 60_000;
const MAX_DURATION = 30 * 24 * 60 * MINUTE;

const duration = (fallback?: number, min = 0) =>
  number({ min, max: MAX_DURATION, fallback, unit: 'milliseconds' });
const count = (fallback: number, max: number) => number({ min: 1, max, fallback, whole: true });

const rate = {
  threshold: number({ min: 0, max: 1, fallback: 0.5, aboveMin: true }),
  minimumCalls: count(10, 1_000_000),
};

const CATEGORIES: readonly string[] = Object.values(ErrorCategory);

const COUNTED_BY_DEFAULT: readonly CountedCategory[] = [
  ErrorCategory.NETWORK,
  ErrorCategory.TIMEOUT,
  ErrorCategory.RATE_LIMIT,
  ErrorCategory.SERVER,
  ErrorCategory.UNKNOWN,
  `${ErrorCategory.AUTHENTICATION}:401`,
];

const countedCategories: Reader<readonly CountedCategory[]> = (value, path, problems) => {
  if (value === undefined) return COUNTED_BY_DEFAULT;
  const allowed = `${CATEGORIES.join(', ')}, each also with a status, such as AUTH:401`;
  if (!Array.isArray(value)) {
    problems.push(`${path}: expected a list of ${allowed}, got ${show(value)}`);
    return COUNTED_BY_DEFAULT;
  }
  value.forEach((entry, index) => {
    const [category = '', status] = typeof entry === 'string' ? entry.split(/:(.*)/s) : [];
    if (!CATEGORIES.includes(category) || (status !== undefined && !/^[1-5]\d\d$/.test(status))) {
      problems.push(`${path}[${index}]: expected one of ${allowed}, got ${show(entry)}`);
    }
  });
  return [...value];
};

const fixedOpenTime = duration(MINUTE);
const backoffOpenTime: Reader<OpenTime> = (value, path, problems) => {
  const read = object<OpenTime>({
    initialInterval: duration(MINUTE),
    backoffCoefficient: number({ min: 1, max: 100, fallback: 2 }),
    maximumInterval: duration(10 * MINUTE),
    jitter: oneOf(JITTERS, 'none'),
  })(value, path, problems);
  if (read.maximumInterval >= read.initialInterval) return read;
  if ((value as Partial<OpenTime>).maximumInterval !== undefined) {
    problems.push(
      `${path}.maximumInterval: expected at least initialInterval (${read.initialInterval}), got ${read.maximumInterval}`,
    );
  }
  return { ...read, maximumInterval: read.initialInterval };
};

const openTime: Reader<OpenTime> = (value, path, problems) => {
  if (typeof value === 'object' && value !== null) return backoffOpenTime(value, path, problems);
  const fixed = fixedOpenTime(value, path, problems);
  return { initialInterval: fixed, backoffCoefficient: 1, maximumInterval: fixed, jitter: 'none' };
};

const countWindow = object<CountWindow>({ type: oneOf(['count'], 'count'), size: count(100, 1_000) });
const timeWindow = object<TimeWindow>({
  type: oneOf(['time'], 'time'),
  duration: duration(MINUTE, 1),
  buckets: count(10, 100),
});

const window: Reader<CountWindow | TimeWindow> = (value, path, problems) => {
  const type = (value as { type?: unknown } | null | undefined)?.type;
  if (type === 'time') return timeWindow(value, path, problems);
  if (value === undefined || type === 'count') return countWindow(value, path, problems);
  problems.push(
    `${path}: expected { type: 'count', size } or { type: 'time', duration, buckets }, got ${show(value)}`,
  );
  return countWindow(undefined, path, problems);
};

const FLEET_OPEN_TIME: OpenTime = {
  initialInterval: 1_000,
  backoffCoefficient: 1.1,
  maximumInterval: 15_000,
  jitter: 'none',
};

export function isFleetDefault({ initialInterval, backoffCoefficient, maximumInterval }: OpenTime): boolean {
  return (
    initialInterval === FLEET_OPEN_TIME.initialInterval &&
    backoffCoefficient === FLEET_OPEN_TIME.backoffCoefficient &&
    maximumInterval === FLEET_OPEN_TIME.maximumInterval
  );
}

/**
 * Defaults of the fleet's breakers, where options say nothing else. A breaker judges a dependency by the share of its calls
 * too; and it must not make calls wait longer than Temporal's own backoff (1 s, doubled, up to 100 s), so the open time
 * begins short, grows slowly and stays far below that: one trial in 15 s is no load for any service. An unknown error (of
 * the program, or of a type of the user's own) is mostly the record's or the program's: a batch in which each record
 * fails so must not wait for a service that is well.
 */
export const FLEET_DEFAULTS: BreakerConfigInput = {
  failureRate: { threshold: 0.5, minimumCalls: 10 },
  window: { type: 'time', duration: MINUTE, buckets: 10 },
  openTime: FLEET_OPEN_TIME,
  countedCategories: COUNTED_BY_DEFAULT.filter((category) => category !== ErrorCategory.UNKNOWN),
};

const config = object<BreakerConfig>({
  consecutiveFailures: number({ min: 0, max: 1_000, fallback: 5, whole: true, falseIsZero: true }),
  failureRate: optional(object<RateRule>(rate)),
  slowCallRate: optional(object<SlowCallRule>({ slowCallDuration: duration(), ...rate })),
  window,
  halfOpen: object<HalfOpenConfig>({
    permittedTrials: count(1, 100),
    successesToClose: count(1, 1_000),
    maxHalfOpenTime: number({
      min: 0,
      max: MAX_DURATION,
      fallback: 0,
      falseIsZero: true,
      unit: 'milliseconds',
    }),
    trialLease: duration(MINUTE, 1),
    trialInterval: duration(TRIAL_INTERVAL_MS),
  }),
  openTime,
  retryAfterCap: duration(60 * MINUTE),
  countedCategories,
  minimumReporters: count(1, 10_000),
});

const consistent: Reader<BreakerConfig> = (value, path, problems) => {
  const read = config(value, path, problems);
  if (read.window.type !== 'count') return read;
  for (const rule of ['failureRate', 'slowCallRate'] as const) {
    const minimum = read[rule] === false ? 0 : read[rule].minimumCalls;
    if (minimum > read.window.size) {
      problems.push(
        `${path}.${rule}.minimumCalls: expected at most the ${read.window.size} calls of the window, got ${minimum}`,
      );
    }
  }
  return read;
};

/**
 * Completes a configuration with the defaults. A complete one comes back equal.
 * @param path what the input is called where the user wrote it, for the messages
 * @throws BreakerConfigError naming path, value and what is allowed, for every problem
 */
export function parseBreakerConfig(input?: BreakerConfigInput, path = 'breaker'): BreakerConfig {
  return readOrThrow(consistent, input, path);
}

/** Five failures in a row open for a minute, then one successful trial closes. */
export const DEFAULT_BREAKER_CONFIG: BreakerConfig = parseBreakerConfig();
