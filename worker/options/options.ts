import type { Classify, FloodOf, QuotaOf, RecordKeyOf, TagsOf } from '../../activities/settings.js';
import type { QueueOptions } from '../../common/dead-letter/queue-options.js';
import type { QueueBook } from '../../common/dead-letter/queue-settings.js';
import type { LimitInput } from '../../common/limit/limit.js';
import { InvalidRecoveryError, type RecoveryOptions, type Rulebook } from '../../common/strategies/index.js';
import type { Duration } from '../../common/text/duration.js';
import { show } from '../../common/text/show.js';
import type { AlertOptions, ParsedAlerts } from '../alerts/read-options.js';
import type { ChaosOptions, ParsedChaos } from '../chaos/kinds.js';
import {
  type BreakerChoice,
  type BreakerInput,
  type BreakerSettings,
  type ParsedBreakers,
  readBreakers,
} from './breaker-options.js';
import { type FloodOptions, readFloods } from './flood-options.js';
import { type ParsedLimits, readLimits } from './limit-options.js';
import { readQueues } from './queue-options.js';
import { type QuotaKey, readQuotaKeys } from './quota-options.js';
import { type RecordKey, readRecordKeys } from './record-key-options.js';
import { readRulebook } from './rulebook-options.js';
import type { PluginSettings } from './settings-schema.js';
import { readTags, type Tags } from './tag-options.js';

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
  /**
   * How often this process's recovery worker counts the open letters of the fleet for the metrics
   * `temporal_recovery_open_letters` and `temporal_recovery_oldest_letter_seconds`: milliseconds or a string such as
   * `'5 minutes'`; `false` for never.
   * @default '1 minute'
   */
  letterMetrics?: Duration | false;
  /**
   * Whether this process reports its failed attempts to the fleet's `errorAnalytics`: counts by category, operation, host
   * and cause, batched, and only while there are errors. The command `errors` and the page of the workflow show them.
   * @default true
   */
  analytics?: boolean;
  /**
   * Whether the letters that this process writes are counted in their groups, one workflow for each cause, and get what the
   * group says for its next letters. The commands `dlq groups` and `dlq group` show and change groups.
   * @default true
   */
  groups?: boolean;
  /**
   * Who is notified of circuit breakers, of queues with many or old letters, and of causes of letters: hooks that the
   * recovery worker of this process calls, at most once a minute. Give it to all processes that run a recovery worker.
   * @default no one
   */
  alerts?: AlertOptions;
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
  /**
   * Redacts numbers of payment cards, IBAN and US social security numbers wherever they are, by their form and check
   * digits. `false` keeps them. Fields with the name of a secret (`cvv`, `ssn`, `iban`) are redacted in any case.
   * @default true
   */
  redactPersonalData?: boolean;
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
   * Whose quota of the service a call uses, such as a tenant or an account: a function of activity type and arguments. A
   * quota that is used up then holds the calls of this key only, and no trials are made meanwhile.
   * @default no key: a refused call waits alone; after five refusals in a row all calls behind the circuit breaker wait, with trials
   */
  quotaKey?: QuotaKey;
  /**
   * What is done when many calls of an operation become dead letters of one cause. `false`: nothing.
   * @default an alarm when half of the last 50 to 200 calls of a worker ended as letters of one group
   */
  flood?: FloodOptions | false;
  /**
   * Known limits of services, by the name of their circuit breaker or a pattern: the fleet keeps them together, and calls
   * beyond them wait at the server without using up attempts. With `quotaKey`, each key has the limit. The recovery workers must
   * have a version that knows this option.
   * @default none, and nothing runs for it
   */
  limits?: Record<string, LimitInput>;
  /**
   * Marks of letters, such as `customer:42`, by which lists, counts, groups and redrives find them: a function of activity
   * type and arguments. Search attribute `RecoveryTags`, in clear also with a payload codec. `false`: none, also not the
   * one of the correlation id.
   * @default `correlation:<id>` where the error has a correlation id and there is no payload codec
   */
  tags?: Tags | false;
  /**
   * What is done about the calls of an operation, by its name, by activity type, or by a pattern of either (`*` is any
   * text). Of several that match, an exact name wins, then the one with the most text.
   */
  operations?: Record<string, OperationOptions>;
  /**
   * Fails a share of the attempts on purpose, for staging. A worker refuses to start with it in a namespace that looks
   * like production.
   * @default nothing is injected
   */
  chaos?: ChaosOptions;
}

/** What is done about the calls of an operation. */
export interface OperationOptions extends RecoveryOptions {
  /** Name of the dead-letter queue of its letters. @default the plugin's */
  queue?: string;
  /** The circuit breaker of its calls. @default the plugin's */
  breaker?: BreakerChoice;
  /** Whose quota its calls use. @default the plugin's */
  quotaKey?: QuotaKey;
  /**
   * What is done when many of its calls become dead letters of one cause; what it leaves out is the plugin's. `false`:
   * nothing, for an operation whose letters are its results.
   * @default the plugin's
   */
  flood?: FloodOptions | false;
  /** Marks of its letters; `false`: none. @default the plugin's */
  tags?: Tags | false;
  /**
   * Which record a call works on: a function of activity type and arguments. A record that fails again adds to its open
   * letter. All recovery workers must have a version that knows this option.
   * @default a letter for each call
   */
  recordKey?: RecordKey;
}

export type ParsedOptions = Pick<
  PluginSettings,
  | 'mode'
  | 'taskQueue'
  | 'queue'
  | 'runRecoveryWorker'
  | 'letterMetrics'
  | 'analytics'
  | 'groups'
  | 'replay'
  | 'classify'
  | 'secretNames'
  | 'redactPersonalData'
  | 'maxRetryAfter'
> & {
  readonly rulebook: Rulebook;
  readonly breakers: ParsedBreakers;
  readonly quotaOf: QuotaOf;
  readonly floodOf: FloodOf;
  readonly limits?: ParsedLimits;
  readonly tagsOf: TagsOf;
  readonly recordKeyOf: RecordKeyOf;
  /** Names and patterns of the operations that have one. */
  readonly withRecordKey: readonly string[];
  readonly queues: QueueBook;
  readonly chaos?: ParsedChaos;
  readonly alerts?: ParsedAlerts;
};

/** An option that cannot be used. `message` lists every problem with path, value and fix. */
export class InvalidOptionsError extends InvalidRecoveryError {
  /** Identifies the error where `instanceof` cannot, such as across two copies of the package. */
  override readonly name = 'InvalidOptionsError';
}

/** @throws InvalidOptionsError */
export function parseOptions(options: RecoveryPluginOptions): ParsedOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const problem = `options: expected an object of options, or nothing; got ${show(options)}`;
    throw new InvalidOptionsError(`RecoveryPlugin: ${problem}`, [problem]);
  }
  // Loaded when called: the schema takes longer to load than the rest of the plugin.
  const { readSettings } = require('./settings-schema.js') as typeof import('./settings-schema.js');
  const { settings, problems } = readSettings(options);
  const { rulebook, problems: others } = readRulebook(options);
  problems.push(...others);
  const breakers = readBreakers(breakerInput(options), problems);
  const quotaOf = readQuotaKeys(options.quotaKey, ofOperations(options, 'quotaKey'), problems);
  const floodOf = readFloods(options.flood, ofOperations(options, 'flood'), problems);
  const limits = readLimits(options.limits, problems);
  if (limits !== undefined && breakers.isOff) {
    problems.push(
      'limits: expected no limits where breaker is false: limits belong to the names of circuit breakers; leave breaker out',
    );
  }
  const tagsOf = readTags(options.tags, ofOperations(options, 'tags'), problems);
  const recordKeys = ofOperations(options, 'recordKey');
  const recordKeyOf = readRecordKeys(recordKeys, problems);
  const queues = readQueues(options?.queues, problems);
  const chaos = options.chaos === undefined ? undefined : chaosReader().readChaos(options.chaos, problems);
  const alerts =
    options.alerts === undefined ? undefined : alertReader().readAlertOptions(options, queues, problems);
  if (settings === undefined || problems.length > 0) {
    throw new InvalidOptionsError(`RecoveryPlugin: ${problems.join('; ')}`, problems);
  }
  return {
    ...settings,
    rulebook,
    breakers,
    quotaOf,
    floodOf,
    limits,
    tagsOf,
    recordKeyOf,
    withRecordKey: [...recordKeys].flatMap(([name, key]) => (key === undefined ? [] : [name])),
    queues,
    chaos,
    alerts,
  };
}

/** Loaded only where the option is set. */
function chaosReader() {
  return require('../chaos/read-options.js') as typeof import('../chaos/read-options.js');
}

function alertReader() {
  return require('../alerts/read-options.js') as typeof import('../alerts/read-options.js');
}

function breakerInput(options: RecoveryPluginOptions): BreakerInput {
  const { breaker, breakers } = options;
  return { breaker, breakers, operations: ofOperations(options, 'breaker') };
}

function ofOperations<K extends keyof OperationOptions>(
  { operations }: RecoveryPluginOptions,
  option: K,
): ReadonlyMap<string, OperationOptions[K]> {
  const entries = typeof operations === 'object' && operations !== null ? Object.entries(operations) : [];
  return new Map(entries.map(([name, each]) => [name, each?.[option]]));
}
