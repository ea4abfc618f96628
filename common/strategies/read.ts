import { ErrorCategory, isErrorCategory } from '../errors/category.js';
import { readDuration } from '../text/duration.js';
import { join, type Problems } from './problems.js';
import type { Answer, CategoryRules, RecoveryRules, RetryLimits, Step } from './rules.js';
import { Jitter, OnExhausted, RecoveryStrategy } from './strategy.js';

type Fields = Record<string, unknown>;

const LIMITS = ['maxRetries', 'retryDelay', 'backoffFactor', 'maxRetryDelay', 'jitter'] as const;
const CATEGORY_KEYS = [
  ...LIMITS,
  'strategies',
  'onExhausted',
  'patience',
  'autoRelease',
  'maxWorkerLosses',
  'parkTimeout',
  'fallback',
  'skipValue',
];
const RECOVERY_KEYS = [...CATEGORY_KEYS, 'categories'];
export const RECOVERY_OPTION_NAMES: readonly string[] = RECOVERY_KEYS;

/** Answers of a call stay in the workflow code that gave them, by their path: functions, and values as they are. */
export type KeptAnswers = Map<string, ((...args: unknown[]) => unknown) | { readonly value: unknown }>;

/**
 * Reads recovery options into rules; what is wrong goes to `problems`.
 * @param kept given in workflow code, where an answer may be a function and need not travel
 * @param more names that are known to the caller and not read here
 */
export function readRules(
  input: unknown,
  path: string,
  problems: Problems,
  kept?: KeptAnswers,
  more: readonly string[] = [],
): RecoveryRules {
  const fields = readObject(input, path, problems, [...RECOVERY_KEYS, ...more]);
  if (fields === undefined) return {};
  const rules = readCategoryFields(fields, path, problems, kept);
  const { categories } = fields;
  if (categories === undefined) return rules;
  const at = join(path, 'categories');
  const given = readObject(categories, at, problems, Object.values(ErrorCategory), 'category');
  const read = Object.entries(given ?? {}).flatMap(([category, options]) =>
    isErrorCategory(category) && options !== undefined
      ? [[category, readCategory(options, join(at, category), problems, kept)] as const]
      : [],
  );
  return { ...rules, categories: Object.fromEntries(read) };
}

/** Options of a category: all of them, or just strategies. */
function readCategory(
  input: unknown,
  path: string,
  problems: Problems,
  kept: KeptAnswers | undefined,
): CategoryRules {
  const isOptions =
    typeof input === 'object' && input !== null && !Array.isArray(input) && !('strategy' in input);
  if (!isOptions) return { strategies: readStrategies(input, path, problems) };
  const fields = readObject(input, path, problems, CATEGORY_KEYS);
  return fields === undefined ? {} : readCategoryFields(fields, path, problems, kept);
}

function readCategoryFields(
  fields: Fields,
  path: string,
  problems: Problems,
  kept: KeptAnswers | undefined,
): CategoryRules {
  const { strategies, onExhausted, fallback } = fields;
  const skips = 'skipValue' in fields;
  const end =
    onExhausted === undefined
      ? impliedEnd(fallback !== undefined, skips)
      : readChoice(onExhausted, join(path, 'onExhausted'), problems, Object.keys(OnExhausted));
  return withoutUndefined<CategoryRules>({
    ...readLimitFields(fields, path, problems),
    strategies:
      strategies === undefined ? undefined : readStrategies(strategies, join(path, 'strategies'), problems),
    onExhausted: end as OnExhausted | undefined,
    patience: fields.patience === false ? false : readDurationField(fields, 'patience', 0, path, problems),
    autoRelease: readBoolean(fields, 'autoRelease', path, problems),
    maxWorkerLosses: readNumber(fields, 'maxWorkerLosses', path, problems, {
      expected: 'a whole number of 1 or more',
      isValid: (value) => Number.isSafeInteger(value) && value >= 1,
    }),
    parkTimeout: readDurationField(fields, 'parkTimeout', 1, path, problems),
    fallback:
      fallback === undefined ? undefined : readFallback(fallback, join(path, 'fallback'), problems, kept),
    skipValue: skips ? keepValue(fields.skipValue, join(path, 'skipValue'), kept) : undefined,
  });
}

/** An answer that is given is meant to be used. */
function impliedEnd(hasFallback: boolean, skips: boolean): OnExhausted | undefined {
  if (hasFallback) return 'fallback';
  return skips ? 'skip' : undefined;
}

export function readStrategies(input: unknown, path: string, problems: Problems): Step[] {
  const list = Array.isArray(input) ? input : [input];
  return list.flatMap((item, index) => {
    const at = Array.isArray(input) ? join(path, index) : path;
    if (typeof item !== 'object' || item === null) {
      const strategy = readStrategy(item, at, problems);
      return strategy === undefined ? [] : [{ strategy }];
    }
    const fields = readObject(item, at, problems, ['strategy', ...LIMITS]);
    const strategy = readStrategy(fields?.strategy, join(at, 'strategy'), problems);
    if (fields === undefined || strategy === undefined) return [];
    return [{ strategy, ...readLimitFields(fields, at, problems) }];
  });
}

function readStrategy(value: unknown, path: string, problems: Problems): RecoveryStrategy | undefined {
  return readChoice(value, path, problems, Object.values(RecoveryStrategy)) as RecoveryStrategy | undefined;
}

export function readLimits(input: unknown, path: string, problems: Problems): RetryLimits {
  const fields = readObject(input, path, problems, LIMITS);
  return fields === undefined ? {} : readLimitFields(fields, path, problems);
}

function readLimitFields(fields: Fields, path: string, problems: Problems): RetryLimits {
  const number = (key: string, expected: string, isValid: (value: number) => boolean) =>
    readNumber(fields, key, path, problems, { expected, isValid });
  return withoutUndefined<RetryLimits>({
    maxRetries: number(
      'maxRetries',
      'a whole number of retries, 0 or more',
      (value) => Number.isSafeInteger(value) && value >= 0,
    ),
    retryDelay: readDurationField(fields, 'retryDelay', 0, path, problems),
    backoffFactor: number(
      'backoffFactor',
      'a number of at least 1',
      (value) => Number.isFinite(value) && value >= 1,
    ),
    maxRetryDelay: readDurationField(fields, 'maxRetryDelay', 1, path, problems),
    jitter:
      fields.jitter === undefined
        ? undefined
        : (readChoice(fields.jitter, join(path, 'jitter'), problems, Object.keys(Jitter)) as Jitter),
  });
}

function readNumber(
  fields: Fields,
  key: string,
  path: string,
  problems: Problems,
  { expected, isValid }: { expected: string; isValid: (value: number) => boolean },
): number | undefined {
  const value = fields[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && isValid(value)) return value;
  problems.add(join(path, key), expected, value);
  return undefined;
}

function readBoolean(fields: Fields, key: string, path: string, problems: Problems): boolean | undefined {
  const value = fields[key];
  if (value === undefined || typeof value === 'boolean') return value;
  problems.add(join(path, key), 'true or false', value);
  return undefined;
}

/** Milliseconds; at least `minimum`. */
function readDurationField(
  fields: Fields,
  key: string,
  minimum: 0 | 1,
  path: string,
  problems: Problems,
): number | undefined {
  const value = fields[key];
  if (value === undefined) return undefined;
  const milliseconds = readDuration(value);
  if (milliseconds !== undefined && milliseconds >= minimum) return milliseconds;
  const bound = minimum === 0 ? 'of 0 or more' : 'above 0';
  problems.add(
    join(path, key),
    `a duration ${bound} in milliseconds or as a string such as "5 minutes"`,
    value,
  );
  return undefined;
}

function readFallback(
  input: unknown,
  path: string,
  problems: Problems,
  kept: KeptAnswers | undefined,
): Answer | undefined {
  if (typeof input === 'function') {
    if (kept !== undefined) {
      kept.set(path, input as (...args: unknown[]) => unknown);
      return { kind: 'call', at: path };
    }
    problems.say(
      path,
      'a function works only in workflow code (proxyRecoverableActivities); use { activity } here',
    );
    return undefined;
  }
  const isValue = typeof input === 'object' && input !== null && 'value' in input;
  const known = isValue ? ['value'] : ['activity', 'taskQueue', 'startToCloseTimeout'];
  const fields = readObject(
    input,
    path,
    problems,
    known,
    'option',
    kept !== undefined
      ? 'a function, { value } or { activity: "name" }'
      : '{ value } or { activity: "name" }',
  );
  if (fields === undefined) return undefined;
  if (isValue) return keepValue(fields.value, path, kept);
  const text = (key: string) => {
    const value = fields[key];
    if (typeof value === 'string' && value !== '') return value;
    problems.add(join(path, key), 'a name', value);
    return undefined;
  };
  const activity = text('activity');
  if (activity === undefined) return undefined;
  return withoutUndefined<Answer>({
    kind: 'activity',
    activity,
    taskQueue: fields.taskQueue === undefined ? undefined : text('taskQueue'),
    startToCloseTimeout: readDurationField(fields, 'startToCloseTimeout', 1, path, problems),
  });
}

function keepValue(value: unknown, path: string, kept: KeptAnswers | undefined): Answer {
  if (kept === undefined) return { kind: 'value', value };
  kept.set(path, { value });
  return { kind: 'call', at: path };
}

function readChoice(
  value: unknown,
  path: string,
  problems: Problems,
  allowed: readonly string[],
): string | undefined {
  if (typeof value === 'string' && allowed.includes(value)) return value;
  problems.add(path, `one of ${allowed.join(', ')}`, value);
  return undefined;
}

export function readObject(
  input: unknown,
  path: string,
  problems: Problems,
  known: readonly string[],
  what: 'option' | 'category' = 'option',
  expected = `an object with any of ${known.join(', ')}`,
): Fields | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.add(path || 'options', expected, input);
    return undefined;
  }
  for (const key of Object.keys(input)) {
    if (known.includes(key)) continue;
    if (what === 'option') problems.unknownKey(path, key, known);
    else problems.say(join(path, key), `unknown ${what}; known are ${known.join(', ')}`);
  }
  return input as Fields;
}

function withoutUndefined<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
