import { join, type Problems, readObject } from '../strategies/index.js';
import { type Duration, readDuration } from '../text/duration.js';
import { isArgumentPath } from './hidden-paths.js';

/** Settings of a dead-letter queue. Durations are milliseconds or strings such as `'5 minutes'`. */
export interface QueueOptions {
  /**
   * How long a letter waits for a decision, held or not. Then it is EXPIRED: closed, logged and counted.
   * `false`: for ever.
   * @default '30 days'
   */
  retention?: Duration | false;
  /** Replays without a person. `false`: none, even if less specific settings have some. @default none */
  autoReplay?: AutoReplayOptions | false;
  /**
   * Activity that is called for every new letter, at least once: its name, or name and task queue. It gets a
   * `DeadLetterNotice`.
   */
  onDeadLetter?: string | OnDeadLetterOptions;
  /** More open letters than this are an alarm. @default no alarm */
  maxLetters?: number;
  /** Whether the page of a letter shows the arguments of its activity. @default true */
  showArguments?: boolean;
  /**
   * Parts of the arguments that are not shown: JSON Pointers into the array of arguments, in which a part `*` is any key
   * or index, such as `'/0/customer/email'` or `'/*\/iban'`. They add to those of less specific settings.
   */
  redact?: readonly string[];
}

/** When letters of a queue replay without a request. */
export interface AutoReplayOptions {
  /** From the letter, or from the failed replay before, to each replay. @default none */
  delays?: readonly Duration[];
  /**
   * Maximum number of replays without a person, including the release of a held letter. A replay by
   * a person restarts the count.
   * @default 10
   */
  maxReplays?: number;
}

/** The activity that is notified of every new letter, and where it runs. */
export interface OnDeadLetterOptions {
  /** Activity type. */
  activity: string;
  /** @default the task queue of the failed call */
  taskQueue?: string;
}

/** Options as they are used. Durations in milliseconds; what is not set is left to less specific options. */
export interface QueueRules {
  readonly retentionMs?: number | false;
  readonly delaysMs?: readonly number[];
  readonly maxReplays?: number;
  readonly onDeadLetter?: { readonly activity: string; readonly taskQueue?: string };
  readonly maxLetters?: number;
  readonly showArguments?: boolean;
  readonly redact?: readonly string[];
}

type Fields = Record<string, unknown>;
type Read<T> = (value: unknown, path: string, problems: Problems) => T | undefined;

const OPTION_NAMES: readonly (keyof QueueOptions)[] = [
  'retention',
  'autoReplay',
  'onDeadLetter',
  'maxLetters',
  'showArguments',
  'redact',
];
/** Far below what the server takes for a timer. */
const TEN_YEARS_MS = 10 * 365 * 86_400_000;
const MAX_ENTRIES = 100;

/** Reads options of a queue; what is wrong goes to `problems`. */
export function readQueueOptions(input: unknown, path: string, problems: Problems): QueueRules {
  const fields = readObject(input, path, problems, OPTION_NAMES);
  if (fields === undefined) return {};
  const read = <T>(key: keyof QueueOptions, as: Read<T>) => field(fields, key, as, path, problems);
  return {
    retentionMs: read<number | false>('retention', (value, at) =>
      value === false ? false : readTime(value, at, problems, ', or false'),
    ),
    ...read('autoReplay', readAutoReplay),
    onDeadLetter: read('onDeadLetter', readActivity),
    maxLetters: read('maxLetters', readCount),
    showArguments: read('showArguments', readFlag),
    redact: read('redact', readPaths),
  };
}

function field<T>(fields: Fields, key: string, as: Read<T>, path: string, problems: Problems): T | undefined {
  const value = fields[key];
  return value === undefined ? undefined : as(value, join(path, key), problems);
}

const readAutoReplay: Read<Pick<QueueRules, 'delaysMs' | 'maxReplays'>> = (value, path, problems) => {
  if (value === false) return { delaysMs: [] };
  const fields = readObject(value, path, problems, ['delays', 'maxReplays']);
  return {
    delaysMs: field(fields ?? {}, 'delays', readDelays, path, problems),
    maxReplays: field(fields ?? {}, 'maxReplays', readCount, path, problems),
  };
};

const readDelays: Read<number[]> = (value, path, problems) =>
  readList(value, path, problems, 'durations, such as ["5 minutes", "1 hour"]', (item, at) =>
    readTime(item, at, problems),
  );

const readPaths: Read<string[]> = (value, path, problems) =>
  readList(value, path, problems, 'JSON Pointers, such as ["/0/customer/email"]', (item, at) => {
    if (isArgumentPath(item)) return item;
    problems.add(
      at,
      'a JSON Pointer whose first part is the index of an argument or *, such as "/0/customer/email" or "/*/iban"',
      item,
    );
    return undefined;
  });

const readCount: Read<number> = (value, path, problems) => {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  problems.add(path, 'a whole number, 0 or more', value);
  return undefined;
};

const readFlag: Read<boolean> = (value, path, problems) => {
  if (typeof value === 'boolean') return value;
  problems.add(path, 'true or false', value);
  return undefined;
};

const readActivity: Read<QueueRules['onDeadLetter']> = (value, path, problems) => {
  if (typeof value === 'string') {
    const activity = readName(value, path, problems);
    return activity === undefined ? undefined : { activity };
  }
  const fields = readObject(
    value,
    path,
    problems,
    ['activity', 'taskQueue'],
    'option',
    'the name of an activity, or { activity, taskQueue }',
  );
  if (fields === undefined) return undefined;
  const activity = readName(fields.activity, join(path, 'activity'), problems);
  const taskQueue = field(fields, 'taskQueue', readName, path, problems);
  return activity === undefined ? undefined : { activity, ...(taskQueue === undefined ? {} : { taskQueue }) };
};

const readName: Read<string> = (value, path, problems) => {
  if (typeof value === 'string' && value !== '' && value.length <= 200) return value;
  problems.add(path, 'a name of 1 to 200 characters', value);
  return undefined;
};

function readTime(value: unknown, path: string, problems: Problems, or = ''): number | undefined {
  const milliseconds = readDuration(value);
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= TEN_YEARS_MS) return milliseconds;
  problems.add(
    path,
    `a duration above 0 and of at most 10 years, in milliseconds or as a string such as "30 days"${or}`,
    value,
  );
  return undefined;
}

function readList<T>(
  value: unknown,
  path: string,
  problems: Problems,
  of: string,
  read: (item: unknown, path: string) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_ENTRIES) {
    problems.add(path, `an array of at most ${MAX_ENTRIES} ${of}`, value);
    return undefined;
  }
  return value.flatMap((item, index) => read(item, join(path, index)) ?? []);
}
