import { log, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { redriveDetails } from '../../common/redrive/markdown.js';
import { Tally } from '../../common/redrive/tally.js';
import {
  type RedriveOverview,
  type RedrivePlan,
  type RedriveProgress,
  type RedriveReport,
  RedriveStatus,
  type Snapshot,
  type TransformPreview,
} from '../../common/redrive/types.js';
import { count } from '../telemetry/count.js';
import type { CarriedRedrive } from './carried.js';

/** How a redrive goes that is under way. */
type Speed = Pick<RedriveProgress, 'running' | 'rate' | 'actualRate' | 'timeLeftMs'>;

/** The letters, without their ids. */
type Listed = Pick<Snapshot, 'total' | 'truncated' | 'groups' | 'origins'>;

/** What a redrive tells of itself: its state, what became of the letters, and the page that shows it. */
export class ProgressReport {
  tally = new Tally(0);
  private status: RedriveStatus = RedriveStatus.SNAPSHOT;
  private why: string | undefined;
  private breaker: string | undefined;
  private snapshot: Listed = {
    total: 0,
    truncated: false,
    groups: [],
  };
  private readonly startedAt: string;

  constructor(
    private readonly plan: RedrivePlan,
    carried: CarriedRedrive | undefined,
    private readonly speed: () => Speed,
    private readonly orders: () => readonly string[],
  ) {
    this.startedAt = carried?.startedAt ?? workflowInfo().startTime.toISOString();
    if (carried !== undefined) {
      const { total, truncated, groups, tally } = carried;
      this.snapshot = { total, truncated, groups };
      this.tally = new Tally(total, tally);
    }
  }

  listed({ total, truncated, groups, origins }: Snapshot): void {
    this.snapshot = { total, truncated, groups, origins };
    this.tally = new Tally(total);
  }

  /** @param breaker the circuit breaker that it waits for */
  setStatus(status: RedriveStatus, why?: string, breaker?: string): void {
    this.why = why;
    this.breaker = breaker;
    if (status !== this.status) {
      this.status = status;
      log.info(`Redrive: ${status}`, { why, ...this.tally.counts });
      // Only what is known to be registered: any other name would wedge the workflow.
      if (this.plan.searchAttributes.includes(SEARCH_ATTRIBUTES.status)) {
        upsertSearchAttributes({ [SEARCH_ATTRIBUTES.status]: [status] });
      }
    }
    this.show();
  }

  show(): void {
    const { namespace, parent } = workflowInfo();
    const { query, searchAttributes, since, until, correlationId, tags } = this.plan;
    setCurrentDetails(
      redriveDetails(this.current(), {
        ...{ namespace, orders: this.orders(), startedBy: parent?.workflowId, query, searchAttributes },
        hasMoreConditions: [since, until, correlationId, tags].some((each) => each !== undefined),
        breaker: this.breaker,
      }),
    );
  }

  current(): RedriveProgress {
    const { done } = this.tally;
    return { ...this.summary(), done, ...this.speed(), problems: this.tally.problems() };
  }

  end(status: RedriveStatus, why?: string, previews?: readonly TransformPreview[]): RedriveReport {
    this.setStatus(status, why);
    if (!this.plan.dryRun) count('redrives_ended', { action: this.plan.action, status });
    return {
      ...this.summary(),
      untouched: this.snapshot.total - this.tally.done - this.speed().running,
      endedAt: new Date().toISOString(),
      outcomes: this.tally.outcomes(),
      ...(previews === undefined ? {} : { previews }),
    };
  }

  carried(): Pick<CarriedRedrive, 'startedAt' | 'total' | 'truncated' | 'groups' | 'tally'> {
    const { total, truncated, groups } = this.snapshot;
    return { startedAt: this.startedAt, total, truncated, groups, tally: this.tally.carried() };
  }

  private summary(): RedriveOverview {
    const { action, dryRun, by, reason, skipOrigins } = this.plan;
    const { status, snapshot, startedAt, why, tally } = this;
    const origins = snapshot.origins ?? tally.origins;
    return {
      ...{ status, action, dryRun, ...tally.counts, ...snapshot, startedAt, why, by, reason },
      origins: Object.keys(origins).length === 0 ? undefined : origins,
      skipOrigins,
    };
  }
}
