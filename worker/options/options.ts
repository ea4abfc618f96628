import { z } from 'zod';
import type { Classify } from '../../activities/settings.js';
import { DEFAULT_QUEUE, DEFAULT_TASK_QUEUE } from '../../common/contract.js';
import type { QueueOptions } from '../../common/dead-letter/queue-options.js';
import type { QueueBook } from '../../common/dead-letter/queue-settings.js';
import {
  InvalidRecoveryError,
  RECOVERY_OPTION_NAMES,
  RETRY_AFTER_CAP_MS,
  type RecoveryOptions,
  type Rulebook,
} from '../../common/strategies/index.js';
import { type Duration, readDuration } from '../../common/text/duration.js';
import { show } from '../../common/text/show.js';
import {
  type BreakerChoice,
  type BreakerInput,
  type BreakerSettings,
  type ParsedBreakers,
  readBreakers,
} from './breaker-options.js';
import { readQueues } from './queue-options.js';
import { readRulebook } from './rulebook-options.js';

const name = z.string().min(1).max(200);

const duration = z.unknown().transform((value, context) => {
  const milliseconds = readDuration(value);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  context.addIssue({
    code: 'custom',
    message: `expected a duration above 0 in milliseconds or as a string such as "5 minutes", got ${show(value)}`,
  });
  return z.NEVER;
});

const schema = z.strictObject({
  mode: z.enum(['recover', 'observe']).default('recover'),
  taskQueue: name.default(DEFAULT_TASK_QUEUE),
  queue: name.default(DEFAULT_QUEUE),
  runRecoveryWorker: z.boolean().default(true),
  replay: z
    .strictObject({
      maximumAttempts: z.number().int().min(1).max(1000).default(11),
      scheduleToStartTimeout: duration.default(5 * 60_000),
    })
    .prefault({}),
  classify: z.custom<Classify>((value) => typeof value === 'function', 'expected a function').optional(),
  secretNames: z.array(name).default([]),
  maxRetryAfter: duration.default(RETRY_AFTER_CAP_MS),
  operations: z.record(z.string().min(1), z.unknown()).default({}),
  queues: z.unknown().optional(),
  breaker: z.unknown().optional(),
  breakers: z.unknown().optional(),
  // Read by readRulebook, which workflow code and configuration files share; here only their names are known.
  ...Object.fromEntries(RECOVERY_OPTION_NAMES.map((option) => [option, z.unknown().optional()])),
});

/**
 * Options of `RecoveryPlugin`. All are optional; the defaults are safe to add to a running system.
 *
 * What is done about errors (`strategies`, `maxRetries`, `onExhausted`, …) can be said for all calls, for calls of an
 * operation (`operations`), and by the call itself (`proxyRecoverableActivities`); the most specific that says
 * something about a setting wins, and in each place `categories` comes before what is said of all errors.
 */
export interface RecoveryPluginOptions extends RecoveryOptions {
  /**
   * `recover` does it; `observe` changes nothing and writes nothing to histories: it logs and counts what would have
   * been retried otherwise or dead-lettered.
   * @default 'recover'
   */
  mode?: 'recover' | 'observe';
  /**
   * Task queue of the recovery worker, which runs the dead letters' workflows. The same in all workers and not the
   * task queue of any other worker.
   * @default 'temporal-recovery'
   */
  taskQueue?: string;
  /**
   * Name of the dead-letter queue this worker's letters belong to, for filters (search attribute `RecoveryQueue`).
   * @default 'default'
   */
  queue?: string;
  /**
   * Settings of dead-letter queues by name or pattern (`*` is any text): how long letters wait, automatic replays, who is
   * notified. Each setting is taken from the most specific that has it; those of `'*'` hold for all queues.
   */
  queues?: Record<string, QueueOptions>;
  /**
   * Whether this process also runs the recovery worker. Switched off, another process has to run it: letters are
   * written in any case, but nothing would answer signals and queries.
   * @default true
   */
  runRecoveryWorker?: boolean;
  /** Limits of one replay, for calls that do not set their own. */
  replay?: {
    /** Attempts of one replay. @default 11 (the first and 10 retries) */
    maximumAttempts?: number;
    /**
     * How long a replay waits for a worker that takes it: milliseconds or a string such as `'5 minutes'`.
     * @default '5 minutes'
     */
    scheduleToStartTimeout?: Duration;
  };
  /** Your own rules, asked first: the category of an error, or undefined to leave it to the built-in ones. */
  classify?: Classify;
  /**
   * Further names of fields, headers and query parameters whose values are secrets and are never shown, in any
   * spelling (`'sessionRef'` is also `session-ref`).
   */
  secretNames?: string[];
  /** The longest wait a service may ask for with `Retry-After`; more is taken as this. @default '1 hour' */
  maxRetryAfter?: Duration;
  /**
   * The circuit breaker of calls: a name, or a function of activity type and arguments (for one per host or tenant);
   * `false` for none, `undefined` from a function for the default.
   * @default one for each activity type of a task queue
   */
  breaker?: BreakerChoice;
  /**
   * Settings of circuit breakers, by name or pattern; those of `'*'` are the defaults. Breakers that are named here are
   * made when the worker starts, others when their service first fails.
   */
  breakers?: Record<string, BreakerSettings>;
  /**
   * What is done about the calls of an operation, by its name, by activity type, or by a pattern of either (`*` is any
   * text). Of several that match, an exact name wins, then the one with the most text.
   */
  operations?: Record<string, OperationOptions>;
}

/** What is done about the calls of an operation. */
export interface OperationOptions extends RecoveryOptions {
  /** Name of the dead-letter queue of its letters. @default the plugin's */
  queue?: string;
  /** The circuit breaker of its calls. @default the plugin's */
  breaker?: BreakerChoice;
}

type Parsed = z.output<typeof schema>;
export type ParsedOptions = Pick<
  Parsed,
  | 'mode'
  | 'taskQueue'
  | 'queue'
  | 'runRecoveryWorker'
  | 'replay'
  | 'classify'
  | 'secretNames'
  | 'maxRetryAfter'
> & { readonly rulebook: Rulebook; readonly breakers: ParsedBreakers; readonly queues: QueueBook };

/** An option that cannot be used. `message` lists every problem with path, value and fix. */
export class InvalidOptionsError extends InvalidRecoveryError {
  override readonly name = 'InvalidOptionsError';
}

/** @throws InvalidOptionsError */
export function parseOptions(options: RecoveryPluginOptions): ParsedOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const problem = `options: expected an object of options, or nothing; got ${show(options)}`;
    throw new InvalidOptionsError(`RecoveryPlugin: ${problem}`, [problem]);
  }
  const parsed = schema.safeParse(options);
  const problems = parsed.success ? [] : parsed.error.issues.map(describe);
  const { rulebook, problems: others } = readRulebook(options);
  problems.push(...others);
  const breakers = readBreakers(breakerInput(options), problems);
  const queues = readQueues(options?.queues, problems);
  if (!parsed.success || problems.length > 0) {
    throw new InvalidOptionsError(`RecoveryPlugin: ${problems.join('; ')}`, problems);
  }
  return { ...(parsed.data as Parsed), rulebook, breakers, queues };
}

function breakerInput({ breaker, breakers, operations }: RecoveryPluginOptions): BreakerInput {
  const entries = typeof operations === 'object' && operations !== null ? Object.entries(operations) : [];
  return { breaker, breakers, operations: new Map(entries.map(([name, each]) => [name, each?.breaker])) };
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => [path, key].filter(Boolean).join('.'));
    return `${unknown.join(', ')}: unknown option; known here are ${knownKeys(issue.path).join(', ')}`;
  }
  return `${path || 'options'}: ${issue.message}`;
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  const shape = path.length === 0 ? schema.shape : schema.shape.replay.unwrap().shape;
  return Object.keys(shape);
}
