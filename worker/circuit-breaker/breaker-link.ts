import type { GuardedCall } from '../../activities/failing-call/breaker-guard.js';
import type { TrialAnswer } from '../../common/circuit-breaker/index.js';
import type { FleetSize } from '../reporting/fleet-size.js';
import { PacedSender } from '../reporting/paced-sender.js';
import { reportDelayMs } from '../reporting/report-delay.js';
import type { FleetLink } from './fleet-link.js';
import type { LocalView, Settled } from './local-view.js';

export interface WorkerIdentity {
  /** Of this process. */
  readonly id: string;
  /** When it was configured, ISO. */
  readonly configuredAt: string;
  /** Number of the next report, of whichever breaker. */
  readonly nextSequence: () => number;
}

/** Between two reports of a worker that have nothing urgent to say. */
const LEAST_INTERVAL_MS = 1_000;
const TRIAL_TIMEOUT_MS = 5_000;
/** How long the first call of a name waits to know what the fleet's breaker says. */
const FIRST_LOOK_MS = 1_000;
/** If too many names are used for the first time, the fleet's breaker of a name is read after this time. */
const LATER_LOOK_MS = 15_000;
/** A name in use that the fleet has no breaker of is looked for this often: a person may open one. */
const LOOKUP_MS = 20_000;
const FOLLOWING = 'following a circuit breaker';
/** For this time after a failure, the state of a breaker is followed as if it were not closed. */
const TROUBLE_MS = 10 * 60_000;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;

/** What a view needs of the fleet. */
export type ViewLink = Pick<
  BreakerLink,
  'isAlone' | 'knownRunId' | 'used' | 'report' | 'acquireTrial' | 'watch' | 'flush' | 'drop'
>;

/** For a worker that keeps to itself. */
export const ALONE: ViewLink = {
  isAlone: true,
  knownRunId: undefined,
  used: () => undefined,
  report: () => undefined,
  acquireTrial: async () => undefined,
  watch: () => undefined,
  flush: async () => undefined,
  drop: () => undefined,
};

/** Connects a view with the fleet's breaker: reports, trials, and the push of its changes. */
export class BreakerLink {
  private readonly sender: PacedSender;
  private watching = false;
  private readonly dropping = new AbortController();
  private nextLookupAt = Number.NEGATIVE_INFINITY;
  private firstLook: Promise<void> | undefined;
  private endFirstLook: () => void = () => undefined;
  /** Run of the fleet's breaker whose state the view has. */
  knownRunId: string | undefined;
  /** Of the entity that was followed last. */
  private checkedQueue: string | undefined;

  constructor(
    private readonly view: LocalView,
    private readonly link: FleetLink,
    private readonly fleetSize: FleetSize,
    private readonly worker: WorkerIdentity,
    private readonly clock: () => number,
    private readonly fault: (where: string, error: unknown) => void,
    /** Calls may pass again. @param refusedToo also those that the service itself has refused */
    private readonly released: (refusedToo: boolean) => void,
  ) {
    this.sender = new PacedSender({
      hasMore: () => !this.isDropped && view.toReport(clock()) !== undefined,
      send: () => this.send(),
      intervalMs: LEAST_INTERVAL_MS,
      fault: (error) => fault('reporting to a circuit breaker', error),
      clock,
    });
  }

  /** The fleet's breaker did not answer lately: this worker is on its own. */
  get isAlone(): boolean {
    return this.sender.failures > 0;
  }

  /**
   * Called with every use: looks now and then for a breaker that others may have made.
   * @param mayLook asked at the first use: whether it may look at once
   * @returns at the first use, what ends when the fleet's breaker is known, or has not answered for a moment
   */
  used(now: number, mayLook: () => boolean): Promise<void> | undefined {
    if (this.watching || now < this.nextLookupAt) return this.firstLook;
    if (this.nextLookupAt === Number.NEGATIVE_INFINITY) {
      this.nextLookupAt = now + LATER_LOOK_MS * (0.5 + Math.random());
      if (!mayLook()) return undefined;
      this.firstLook = this.untilFirstLook();
    }
    this.nextLookupAt = now + LOOKUP_MS * (0.75 + Math.random() / 2);
    this.watch();
    return this.firstLook;
  }

  private async untilFirstLook(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.endFirstLook = resolve;
      timer = setTimeout(resolve, FIRST_LOOK_MS);
    });
    clearTimeout(timer);
    this.firstLook = undefined;
  }

  /** Reports: the more workers, the later, so that the fleet's breaker is not flooded. */
  report(urgency: Settled['urgency'], { taskQueue }: GuardedCall): void {
    if (urgency === undefined) return;
    const reportIn = (size: number) => {
      const workers = Math.max(this.view.fleet?.workers ?? 1, size);
      this.sender.within(reportDelayMs(urgency, workers, Math.random()));
    };
    const size = this.fleetSize.of(taskQueue);
    // A thousand workers that see the first failure at the same moment must not take themselves for one each.
    if (typeof size === 'number' || urgency === 'now') reportIn(typeof size === 'number' ? size : 1);
    else void size.then(reportIn);
  }

  async acquireTrial({ executionId, leaseMs }: GuardedCall): Promise<TrialAnswer | undefined> {
    try {
      const request = { v: 1, worker: this.worker.id, execution: executionId, leaseMs } as const;
      return await this.link.acquireTrial(this.view.name, request, TRIAL_TIMEOUT_MS);
    } catch (error) {
      this.fault('asking a circuit breaker for a trial', error);
      return undefined;
    }
  }

  /** Follows the fleet's breaker for as long as there is one. */
  watch(): void {
    if (this.watching || this.isDropped) return;
    this.watching = true;
    void this.follow()
      .catch((error) => this.fault('following a circuit breaker', error))
      .finally(() => {
        this.watching = false;
        this.endFirstLook();
      });
  }

  /** Sends the remaining reports. */
  flush(): Promise<void> {
    return this.sender.flush();
  }

  drop(): void {
    this.dropping.abort();
    this.sender.stop();
  }

  private get isDropped(): boolean {
    return this.dropping.signal.aborted;
  }

  private async follow(): Promise<void> {
    let backoff = FIRST_BACKOFF_MS;
    while (!this.isDropped && !this.link.isClosed) {
      try {
        const run = await this.link.read(this.view.name);
        if (run === undefined) {
          const rejected = this.view.turnsAway(this.clock());
          this.view.lose(this.clock());
          const isFreed = this.view.floods.adopt([], 0, this.clock());
          if ((rejected || isFreed) && !this.view.turnsAway(this.clock())) this.released(false);
          return;
        }
        const { view } = this;
        const rejected = view.turnsAway(this.clock());
        const { firstRunId, memo, runId, startedAt } = run;
        // Clocks of workers and server may differ by any amount: an age that cannot be is taken for none. Should the
        // view be wrong about the time left, the end of the run tells.
        const age = Date.now() - startedAt;
        const ageMs = age > 0 && age < (memo.changesInMs ?? 0) ? age : 0;
        const { epoch, workers, judgesRunning = false } = memo;
        this.view.adopt({ firstRunId, epoch, workers, judgesRunning }, memo, ageMs, this.clock());
        const freed = view.quotas.adopt(memo.throttles ?? [], age, this.clock());
        const isFloodOver = view.floods.adopt(memo.floods ?? [], age, this.clock());
        this.knownRunId = runId;
        const isFreed = rejected || freed !== undefined || isFloodOver;
        if (isFreed && !view.turnsAway(this.clock())) this.released(freed === 'takenBack');
        this.endFirstLook();
        await this.checkQueue(run.taskQueue);
        const isQuiet = () => memo.status === 'CLOSED' && this.clock() - view.failedAt > TROUBLE_MS;
        await this.link.untilRunEnds(view.name, runId, isQuiet, this.dropping.signal);
        backoff = FIRST_BACKOFF_MS;
      } catch (error) {
        if (this.link.isClosed || this.isDropped) return;
        this.fault(FOLLOWING, error);
        await this.link.pause(backoff * (0.5 + Math.random()));
        backoff = Math.min(backoff * 2, MAX_BACKOFF_MS);
      }
    }
  }

  /** Once for each entity. */
  private async checkQueue(taskQueue: string): Promise<void> {
    if (taskQueue === this.checkedQueue) return;
    const { name } = this.view;
    const problem = await this.link.problemOf({ name, taskQueue });
    this.checkedQueue = taskQueue;
    if (problem !== undefined) this.fault(FOLLOWING, new Error(`Circuit breaker "${name}": ${problem}`));
  }

  private async send(): Promise<void> {
    const unsent = this.view.toReport(this.clock());
    if (unsent === undefined) return;
    const { name, config, fleet } = this.view;
    const { id, configuredAt } = this.worker;
    await this.link.report(
      { name, config, configuredAt },
      {
        v: 1,
        worker: id,
        sequence: this.worker.nextSequence(),
        epoch: fleet?.epoch,
        entity: fleet?.firstRunId,
        ...unsent,
        config,
        configuredAt,
      },
    );
    this.view.sent(unsent);
    this.watch();
  }
}
