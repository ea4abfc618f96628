import { SimplePlugin } from '@temporalio/plugin';
import type {
  ActivityInterceptorsFactory,
  ReplayWorkerOptions,
  Worker,
  WorkerOptions,
} from '@temporalio/worker';
import { breakerNameOf } from '../activities/api-request/host.js';
import { OpenRecords } from '../activities/failing-call/open-records.js';
import { OwnActivities } from '../activities/failing-call/own-activities.js';
import {
  isRecoveryInterceptor,
  recoveryInterceptor,
} from '../activities/failing-call/recovery-interceptor.js';
import type { RecoverySettings } from '../activities/settings.js';
import {
  ANSWERED_ACTIVITY,
  HANDLE_FAILURE_ACTIVITY,
  HANDLE_FAILURES_ACTIVITY,
  OBSERVES_ACTIVITY,
  SHARES_LETTER_PREFIX,
} from '../common/contract.js';
import { redactionInRecord, redactorOf } from '../common/dead-letter/record-redaction.js';
import type { WorkerBreakers } from './circuit-breaker/guard.js';
import { WorkerGroups } from './dead-letter-group/worker-groups.js';
import { ErrorAnalytics } from './error-analytics/error-analytics.js';
import type { ErrorReporter } from './error-analytics/error-reporter.js';
import { showInside } from './inside.js';
import type { WorkerLimits } from './limit/worker-limits.js';
import {
  InvalidOptionsError,
  type ParsedOptions,
  parseOptions,
  type RecoveryPluginOptions,
} from './options/options.js';
import { QueueAlarms } from './queue-alarms.js';
import { checkSdk } from './sdk/check-sdk.js';
import { checkSdkCopies } from './sdk-copies.js';
import { announceSearchAttributes } from './search-attributes-notice.js';
import { createTelemetry, type WorkerTelemetry } from './telemetry.js';
import { bundleProblem, checkNotBundled, interceptorModule } from './workflow-code.js';

/** What workers need, and programs that only import a name from here do not. */
const needed = {
  handleFailure: (): typeof import('../activities/failing-call/handle-failure/handle-failure.js') =>
    require('../activities/failing-call/handle-failure/handle-failure.js'),
  answered: (): typeof import('../activities/failing-call/answered.js') =>
    require('../activities/failing-call/answered.js'),
  guard: (): typeof import('./circuit-breaker/guard.js') => require('./circuit-breaker/guard.js'),
  limits: (): typeof import('./limit/worker-limits.js') => require('./limit/worker-limits.js'),
  reporter: (): typeof import('./error-analytics/error-reporter.js') =>
    require('./error-analytics/error-reporter.js'),
  chaos: () => ({
    ...(require('./chaos/interceptor.js') as typeof import('./chaos/interceptor.js')),
    ...(require('./chaos/read-options.js') as typeof import('./chaos/read-options.js')),
  }),
  recoveryWorker: (): typeof import('./recovery-worker/shared-worker.js') =>
    require('./recovery-worker/shared-worker.js'),
};

/**
 * Error recovery for a worker: retries by error category, and a dead letter for every activity that fails for good.
 *
 * ```ts
 * const worker = await Worker.create({ workflowsPath, activities, taskQueue, plugins: [new RecoveryPlugin()] });
 * ```
 * For a prebuilt `workflowBundle` give the plugin to `bundleWorkflowCode` too, and to `Worker.runReplayHistories`.
 * @throws InvalidOptionsError for an unknown option or a wrong type, with its path
 * @throws TypeError where this package was bundled into another file
 */
export class RecoveryPlugin extends SimplePlugin {
  /** Errors of all attempts of the workers of this plugin. */
  readonly analytics: ErrorAnalytics;
  private readonly recovery: ParsedOptions;
  private readonly settings: RecoverySettings;
  private readonly interceptor: ActivityInterceptorsFactory;
  private readonly own: OwnActivities;
  /** Activities of the workers of this plugin, for those that name their circuit breaker themselves. */
  private readonly activities: Map<string, unknown>;
  /** By namespace. */
  private readonly guards: Map<string, WorkerBreakers>;
  private readonly limits: Map<string, WorkerLimits>;
  /** By namespace. */
  private readonly reporters: Map<string, ErrorReporter>;
  private readonly alarms: QueueAlarms;
  private readonly groups: WorkerGroups;
  /** Build ids of the workers of this plugin, by task queue. */
  private readonly builds: Map<string, string>;
  private readonly telemetry: WorkerTelemetry;

  constructor(options: RecoveryPluginOptions = {}) {
    checkNotBundled();
    const parsed = parseOptions(options);
    const analytics = new ErrorAnalytics();
    const telemetry = createTelemetry(parsed.mode, analytics);
    const guards = new Map<string, WorkerBreakers>();
    const limits = new Map<string, WorkerLimits>();
    const reporters = new Map<string, ErrorReporter>();
    const activities = new Map<string, unknown>();
    const alarms = new QueueAlarms(parsed.queues, telemetry);
    const groups = new WorkerGroups(parsed.taskQueue, (where, error) => telemetry.fault(where, error));
    const builds = new Map<string, string>();
    const settings = settingsOf(parsed, telemetry, {
      guards,
      limits,
      reporters,
      activities,
      alarms,
      groups,
      builds,
    });
    super({
      name: 'temporal-recovery',
      workerInterceptors: { workflowModules: [interceptorModule] },
    });
    this.own = new OwnActivities(telemetry.fault);
    this.interceptor = recoveryInterceptor(settings, this.own);
    this.analytics = analytics;
    this.recovery = parsed;
    this.guards = guards;
    this.limits = limits;
    this.reporters = reporters;
    this.alarms = alarms;
    this.groups = groups;
    this.builds = builds;
    this.activities = activities;
    this.settings = settings;
    this.telemetry = telemetry;
    showInside(this, { guards, telemetry });
  }

  /**
   * Called by the SDK when a worker is made: adds interceptors, and where the worker has workflows the activities that
   * handle their failures. A worker that has a recovery plugin already stays as it is.
   * @throws InvalidOptionsError, TypeError, TwoSdkCopiesError, UnsupportedSdkError
   */
  override configureWorker(options: WorkerOptions): WorkerOptions {
    if (isConfigured(options)) return options;
    checkSdkCopies(options.connection, this.recovery.mode, this.telemetry);
    this.checkTaskQueue(options);
    this.checkActivities(options);
    this.checkChaos(options);
    for (const [name, activity] of Object.entries(options.activities ?? {}))
      this.activities.set(name, activity);
    const configured = this.withInterceptors(options);
    if (!hasWorkflows(options)) return configured;
    checkSdk(this.telemetry);
    const problem = bundleProblem(options);
    if (problem !== undefined) this.telemetry.warn(problem, { taskQueue: options.taskQueue });
    const { handleFailure, handleFailures } = needed.handleFailure().createHandleFailure(this.settings);
    return {
      ...configured,
      activities: {
        ...configured.activities,
        [HANDLE_FAILURE_ACTIVITY]: this.own.add(HANDLE_FAILURE_ACTIVITY, handleFailure),
        [HANDLE_FAILURES_ACTIVITY]: this.own.add(HANDLE_FAILURES_ACTIVITY, handleFailures),
        [ANSWERED_ACTIVITY]: this.own.add(
          ANSWERED_ACTIVITY,
          needed.answered().createAnswered(this.telemetry),
        ),
        ...Object.fromEntries(this.facts().map((name) => [name, async () => undefined])),
      },
      // A worker without activities of its own must not take activity tasks because of ours.
      ...(hasActivities(options) ? {} : { enableNonLocalActivities: false }),
      sinks: { ...configured.sinks, ...this.sinks() },
    };
  }

  /** What workflow code knows of the options: it sees the names of a worker's activities, and no other value of the worker. */
  private facts(): string[] {
    const { mode, withRecordKey } = this.recovery;
    return [
      ...(mode === 'observe' ? [OBSERVES_ACTIVITY] : []),
      ...withRecordKey.map((name) => `${SHARES_LETTER_PREFIX}${name}`),
    ];
  }

  private withInterceptors(options: WorkerOptions): WorkerOptions {
    const configured = super.configureWorker(options);
    const { activity = [], activityInbound } = options.interceptors ?? {};
    return {
      ...configured,
      interceptors: {
        ...configured.interceptors,
        activity: [this.interceptor, ...this.chaos(), ...activity],
        // SimplePlugin loses them.
        activityInbound,
      },
    };
  }

  /** Called by the SDK when histories are replayed: adds the workflow interceptor, without which they would not replay. */
  override configureReplayWorker(options: ReplayWorkerOptions): ReplayWorkerOptions {
    const modules = options.interceptors?.workflowModules ?? [];
    return modules.includes(interceptorModule) ? options : super.configureReplayWorker(options);
  }

  /**
   * Called by the SDK while a worker runs: runs the recovery worker and the circuit breakers beside it, and stops them when
   * the last worker that uses them has ended. A fault of theirs does not end the worker.
   * @throws TwoSdkCopiesError; what the worker itself throws
   */
  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const { connection, interceptors } = worker.options;
    putFirst(interceptors.activity, this.interceptor);
    // Without a connection, `configureWorker` had nothing that tells who made the worker.
    if (connection === undefined) checkSdkCopies(worker, this.recovery.mode, this.telemetry);
    else announceSearchAttributes(connection, worker.options.namespace, this.telemetry);
    const release = this.recovery.runRecoveryWorker
      ? needed.recoveryWorker().useRecoveryWorker(worker, this.recovery.taskQueue, this.telemetry, {
          gauges: { intervalMs: this.recovery.letterMetrics, queue: this.recovery.queue },
          ...(this.recovery.mode === 'observe' ? {} : { alerts: this.recovery.alerts }),
        })
      : async () => undefined;
    const closeBreakers = this.useBreakers(worker);
    const closeLimits = this.useLimits(worker);
    const closeReporter = this.useReporter(worker);
    const closeAlarms = this.alarms.use();
    const closeGroups = this.recovery.groups ? this.groups.use() : async () => undefined;
    const { taskQueue, buildId, workerDeploymentOptions } = worker.options;
    const build = workerDeploymentOptions?.version?.buildId ?? buildId;
    if (build !== undefined) this.builds.set(taskQueue, build);
    try {
      await super.runWorker(worker, next);
    } finally {
      closeAlarms();
      // Last reports first: the recovery worker is who takes them.
      await Promise.all([closeBreakers(), closeLimits(), closeReporter(), closeGroups()]);
      await release();
    }
  }

  /** Workers of one namespace share their breakers; the last one closes them. */
  private useBreakers({ client, options: { namespace } }: Worker): () => Promise<void> {
    const { breakers, mode, taskQueue } = this.recovery;
    if (breakers.isOff || client === undefined) return async () => undefined;
    const guard =
      this.guards.get(namespace) ??
      new (needed.guard().WorkerBreakers)({
        client,
        taskQueue,
        configOf: breakers.configOf,
        named: mode === 'observe' ? [] : breakers.named,
        isAlone: mode === 'observe',
        fault: (where, error) => this.telemetry.fault(where, error),
        ...(mode === 'observe' ? {} : { telemetry: this.telemetry }),
      });
    this.guards.set(namespace, guard);
    guard.users++;
    return async () => {
      if (--guard.users > 0) return;
      this.guards.delete(namespace);
      await guard.close();
    };
  }

  /** As the breakers. A worker that only observes keeps no limit. */
  private useLimits({ client, options }: Worker): () => Promise<void> {
    const { namespace, taskQueue: ownTaskQueue } = options;
    const { limits, mode, taskQueue } = this.recovery;
    if (limits === undefined || mode === 'observe' || client === undefined) return async () => undefined;
    const used =
      this.limits.get(namespace) ??
      new (needed.limits().WorkerLimits)({
        ...{ client, taskQueue, limitOf: limits.limitOf },
        fault: (where, error) => this.telemetry.fault(where, error),
      });
    this.limits.set(namespace, used);
    const slots = activitySlots(options);
    if (slots !== undefined) used.places.set(ownTaskQueue, slots);
    used.users++;
    return async () => {
      if (--used.users > 0) return;
      this.limits.delete(namespace);
      await used.close();
    };
  }

  /** Workers of one namespace report their errors together; the last one sends what is left. */
  private useReporter({ client, options: { namespace } }: Worker): () => Promise<void> {
    const { analytics, mode, taskQueue } = this.recovery;
    if (!analytics || mode === 'observe' || client === undefined) return async () => undefined;
    const reporter =
      this.reporters.get(namespace) ??
      new (needed.reporter().ErrorReporter)({
        ...{ client, taskQueue },
        fault: (where, error) => this.telemetry.fault(where, error),
      });
    this.reporters.set(namespace, reporter);
    reporter.users++;
    return async () => {
      if (--reporter.users > 0) return;
      this.reporters.delete(namespace);
      await reporter.close();
    };
  }

  private chaos(): ActivityInterceptorsFactory[] {
    const { chaos } = this.recovery;
    if (chaos === undefined) return [];
    return [
      needed
        .chaos()
        .chaosInterceptor(chaos, (info, kind) => this.telemetry.injected(info.activityType, kind)),
    ];
  }

  private checkChaos({ namespace = 'default', taskQueue }: WorkerOptions): void {
    const { chaos } = this.recovery;
    if (chaos === undefined) return;
    const problem = needed.chaos().namespaceProblem(chaos, namespace);
    if (problem !== undefined) throw new InvalidOptionsError(`RecoveryPlugin: ${problem}`, [problem]);
    const { rate, kinds, seed } = chaos;
    this.telemetry.warn('the option chaos is set: this worker fails attempts on purpose', {
      ...{ namespace, taskQueue, rate, kinds, seed },
    });
  }

  private sinks(): WorkerOptions['sinks'] {
    return {
      temporalRecovery: {
        wouldDeadLetter: {
          fn: (info, failure: { activityType: string; retryState: string }) =>
            this.telemetry.wouldDeadLetter({ ...failure, workflowId: info.workflowId }),
        },
      },
    };
  }

  private checkTaskQueue({ taskQueue }: WorkerOptions): void {
    if (this.recovery.runRecoveryWorker && taskQueue === this.recovery.taskQueue) {
      throw new TypeError(
        `RecoveryPlugin: taskQueue "${taskQueue}" is the task queue of this worker; the recovery worker needs one of its own`,
      );
    }
  }

  /** Where this worker has activities, those that options name for its own task queue must be among them. */
  private checkActivities({ activities = {}, taskQueue }: WorkerOptions): void {
    const names = Object.keys(activities);
    if (!hasActivities({ activities, taskQueue }) || names.includes('default')) return;
    const { rulebook, queues } = this.recovery;
    for (const named of [...rulebook.fallbackActivities(), ...queues.hooks()]) {
      if (names.includes(named.activity)) continue;
      if (named.taskQueue !== undefined && named.taskQueue !== taskQueue) continue;
      throw new InvalidOptionsError(
        `RecoveryPlugin: ${named.path}.activity: no activity ${JSON.stringify(named.activity)} on this worker; it has ${names.join(', ')}. ` +
          'Register it, or give the taskQueue of a worker that has it',
      );
    }
  }
}

/** Activities that a worker runs at the same time; undefined where that follows from the load of the machine. */
function activitySlots({ tuner }: Worker['options']): number | undefined {
  const supplier = tuner.activityTaskSlotSupplier;
  return supplier.type === 'fixed-size' ? supplier.numSlots : undefined;
}

/** What the workers of a plugin share. */
interface Parts {
  readonly guards: ReadonlyMap<string, WorkerBreakers>;
  readonly limits: ReadonlyMap<string, WorkerLimits>;
  readonly activities: ReadonlyMap<string, unknown>;
  readonly alarms: QueueAlarms;
  readonly groups: WorkerGroups;
  readonly builds: ReadonlyMap<string, string>;
  readonly reporters: ReadonlyMap<string, ErrorReporter>;
}

function settingsOf(
  {
    mode,
    taskQueue,
    queue,
    queues,
    replay,
    rulebook,
    breakers,
    quotaOf,
    floodOf,
    tagsOf,
    recordKeyOf,
    maxRetryAfter,
    classify,
    secretNames,
    redactPersonalData,
  }: ParsedOptions,
  telemetry: WorkerTelemetry,
  { guards, limits, reporters, activities, alarms, groups, builds }: Parts,
): RecoverySettings {
  const redaction = redactionInRecord(secretNames, redactPersonalData);
  return {
    mode,
    taskQueue,
    queue,
    queues,
    replay: {
      maximumAttempts: replay.maximumAttempts,
      scheduleToStartTimeoutMs: replay.scheduleToStartTimeout,
    },
    rulebook,
    retryAfterCapMs: maxRetryAfter,
    classify,
    redactor: redactorOf(redaction),
    redaction,
    guardOf: (namespace) => guards.get(namespace),
    limitsOf: (namespace) => limits.get(namespace),
    errorsOf: (namespace) => reporters.get(namespace),
    breakerOf: (call, given, args) =>
      breakers.breakerOf(call, given, args, () => breakerNameOf(activities.get(call.activityType), args)),
    quotaOf,
    floodOf,
    tagsOf,
    recordKeyOf,
    openRecords: new OpenRecords(telemetry),
    groups,
    buildOf: (queue) => builds.get(queue),
    letterWritten: (client, name) => alarms.letterWritten(client, name),
    telemetry,
  };
}

function isConfigured({ activities, interceptors }: WorkerOptions): boolean {
  const { workflowModules = [], activity = [] } = interceptors ?? {};
  return (
    activity.some(isRecoveryInterceptor) ||
    workflowModules.includes(interceptorModule) ||
    (activities !== undefined && HANDLE_FAILURE_ACTIVITY in activities)
  );
}

/**
 * The first of the list is the outermost. `own` is it already, but for plugins that were configured after ours and for
 * `activityInbound`, which the SDK puts before all others. Of two recovery plugins the one that is in the list stays.
 */
function putFirst(list: ActivityInterceptorsFactory[], own: ActivityInterceptorsFactory): void {
  const at = list.findIndex(isRecoveryInterceptor);
  const [ours = own] = at < 0 ? [] : list.splice(at, 1);
  list.unshift(ours);
}

function hasWorkflows({ workflowsPath, workflowBundle }: WorkerOptions): boolean {
  return workflowsPath !== undefined || workflowBundle !== undefined;
}

function hasActivities({ activities }: WorkerOptions): boolean {
  return Object.values(activities ?? {}).some((activity) => typeof activity === 'function');
}
