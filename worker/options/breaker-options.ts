import type { BreakerOf } from '../../activities/settings.js';
import {
  type BreakerConfig,
  BreakerConfigError,
  type BreakerConfigInput,
  type CountWindow,
  FLEET_DEFAULTS,
  type HalfOpenConfig,
  type OpenTime,
  parseBreakerConfig,
  type RateRule,
  type TimeWindow,
} from '../../common/circuit-breaker/index.js';
import { notAsync } from '../../common/not-async.js';
import { findOperation, namesOfCall } from '../../common/strategies/index.js';
import { type Duration, readDuration } from '../../common/text/duration.js';
import { show } from '../../common/text/show.js';

/** The circuit breaker of calls: a name, a function that gives one, or none. */
export type BreakerChoice =
  | string
  | false
  // biome-ignore lint/suspicious/noExplicitAny: arguments are whatever the activity takes
  | ((activityType: string, args: readonly any[]) => string | false | undefined);

type WithDurations<T, K extends keyof T> = Omit<T, K> & { [Key in K]?: Duration };

/** Settings of a circuit breaker. Durations are milliseconds or strings such as `'30s'`. */
export interface BreakerSettings
  extends Pick<BreakerConfigInput, 'consecutiveFailures' | 'failureRate' | 'minimumReporters'> {
  /**
   * Failures that count; all others are ignored.
   * @default NETWORK, TIMEOUT, RATE_LIMIT, SERVER, AUTH:401
   */
  countedCategories?: BreakerConfigInput['countedCategories'];
  /** Opens by the share of calls that take at least `slowCallDuration`; `false` is off. @default false */
  slowCallRate?: (Partial<RateRule> & { slowCallDuration: Duration }) | false;
  /**
   * Calls that the rates are computed over: `type` is `count` or `time`.
   * @default those of the last 60 s; the last 100 calls where `failureRate` is set
   */
  window?: Partial<CountWindow> | WithDurations<Partial<TimeWindow>, 'duration'>;
  /**
   * Trials: how many, how long they may take, how many must succeed.
   * @default one at a time, and one success closes
   */
  halfOpen?: WithDurations<Partial<HalfOpenConfig>, 'maxHalfOpenTime' | 'trialLease' | 'trialInterval'>;
  /**
   * How long the breaker stays open; a single duration is a fixed time.
   * @default 5 s, doubled with every failed half-open, at most 60 s
   */
  openTime?: Duration | WithDurations<Partial<OpenTime>, 'initialInterval' | 'maximumInterval'>;
  /** The longest open time that a `Retry-After` may ask for. @default 1 hour */
  retryAfterCap?: Duration;
}

/** What the options say about circuit breakers, as a worker uses it. */
export interface ParsedBreakers {
  readonly isOff: boolean;
  readonly breakerOf: (
    ...call: [...Parameters<BreakerOf>, ofActivity: () => string | undefined]
  ) => string | undefined;
  readonly configOf: (breaker: string) => BreakerConfig;
  /** Names that are made at the start. */
  readonly named: readonly string[];
}

export interface BreakerInput {
  /** Of all calls, and of operations by their name or pattern. */
  readonly breaker: unknown;
  readonly operations: ReadonlyMap<string, unknown>;
  readonly breakers: unknown;
}

const ALL = '*';
const MAX_NAME = 1_000;

/** Reads the options `breaker`, `operations.*.breaker` and `breakers`; what is wrong goes to `problems`. */
export function readBreakers(
  { breaker, operations, breakers }: BreakerInput,
  problems: string[],
): ParsedBreakers {
  checkChoice(breaker, 'breaker', problems);
  for (const [pattern, choice] of operations) checkChoice(choice, `operations.${pattern}.breaker`, problems);
  const settings = readSettings(breakers, problems);
  const chosen = new Map([...operations].filter(([, choice]) => choice !== undefined)) as Map<
    string,
    BreakerChoice
  >;
  const configs = new Map<string, BreakerConfig>();
  return {
    isOff: breaker === false && ![...chosen.values()].some((choice) => choice !== false),
    breakerOf: (call, given, args, ofActivity) => {
      const ofOperation = () => findOperation(chosen, namesOfCall(call));
      const choice = given ?? ofOperation() ?? (breaker as BreakerChoice | undefined);
      const name =
        typeof choice === 'function' ? notAsync('breaker', choice(call.activityType, args)) : choice;
      if (name === false) return undefined;
      // apiRequest has one for each host.
      return checkedName(name ?? ofActivity() ?? `${call.taskQueue}/${call.activityType}`);
    },
    configOf: (name) => {
      const matching = findOperation(settings, [name]);
      const key = matching === undefined ? '' : name;
      const known = configs.get(key);
      if (known !== undefined) return known;
      const config = parseBreakerConfig(withFleetDefaults({ ...settings.get(ALL), ...matching }));
      // Names may depend on arguments: only those that have settings are few.
      if (settings.has(name) || key === '') configs.set(key, config);
      return config;
    },
    named: [...settings.keys()].filter((name) => !name.includes('*')),
  };
}

/** Who sets the rate or its window has set the rule. */
function withFleetDefaults(given: BreakerConfigInput): BreakerConfigInput {
  const { openTime, ...rule } = FLEET_DEFAULTS;
  const setsRule = given.failureRate !== undefined || given.window !== undefined;
  return { openTime, ...(setsRule ? {} : rule), ...given };
}

/** @throws TypeError for what a function of the user's must not give */
function checkedName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length <= MAX_NAME) return name;
  throw new TypeError(
    `breaker: expected a name of 1 to ${MAX_NAME} characters, false or undefined, got ${show(name)}`,
  );
}

function checkChoice(choice: unknown, path: string, problems: string[]): void {
  if (choice === undefined || choice === false || typeof choice === 'function') return;
  if (typeof choice === 'string' && choice !== '' && choice.length <= MAX_NAME) return;
  problems.push(
    `${path}: expected a name, false or a function (activityType, args) that gives one, got ${show(choice)}`,
  );
}

function readSettings(input: unknown, problems: string[]): Map<string, BreakerConfigInput> {
  const settings = new Map<string, BreakerConfigInput>();
  if (input === undefined) return settings;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.push(`breakers: expected an object of settings by name, got ${show(input)}`);
    return settings;
  }
  for (const [name, given] of Object.entries(input)) {
    const path = `breakers.${name}`;
    try {
      const inMs = withMilliseconds(given, path, problems) as BreakerConfigInput;
      parseBreakerConfig(inMs, path);
      settings.set(name, inMs);
    } catch (error) {
      if (!(error instanceof BreakerConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  return settings;
}

/** A pattern may have dots in its name. */
const MAX_LEVELS = 100;

const DURATIONS = new Set([
  'slowCallDuration',
  'duration',
  'maxHalfOpenTime',
  'trialLease',
  'trialInterval',
  'initialInterval',
  'maximumInterval',
  'retryAfterCap',
  'openTime',
]);

/** Durations as strings become milliseconds; everything else is left for `parseBreakerConfig` to judge. */
function withMilliseconds(value: unknown, path: string, problems: string[], key = ''): unknown {
  if (typeof value === 'string' && DURATIONS.has(key)) {
    const milliseconds = readDuration(value);
    if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
    problems.push(
      `${path}: expected a duration in milliseconds or as a string such as "30s", got ${show(value)}`,
    );
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Settings that hold themselves: `parseBreakerConfig` says that these are none.
  if (path.split('.').length > MAX_LEVELS) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      withMilliseconds(inner, `${path}.${name}`, problems, name),
    ]),
  );
}
