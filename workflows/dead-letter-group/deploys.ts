import { ActivityFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, log, sleep } from '@temporalio/workflow';
import type { DeployQuestion, RedriveEnd } from '../../common/dead-letter-group/deploy.js';
import type { GroupInput } from '../../common/dead-letter-group/messages.js';
import {
  GroupDefault,
  type GroupState,
  GroupStatus,
  withEntry,
} from '../../common/dead-letter-group/state.js';
import { RedriveStatus } from '../../common/redrive/types.js';
import { readResult } from '../messages/raw-values.js';
import { awaitDeploy, awaitRedrive } from './activities.js';
import { redriveId, startGroupRedrive } from './redrives.js';

const GONE_MS = 90_000;
/** Between two redrives, whatever builds come. */
const REST_MS = 60_000;
const BY = 'replay after a deploy';

/** What it works on. */
export interface DeployedGroup {
  readonly input: GroupInput;
  state: GroupState;
  changed(): void;
}

/** Replays the letters of a group when workers of another build run its activity: one letter first, then the others. */
export class Deploys {
  private running: CancellationScope | undefined;
  /** What is being waited for. */
  private asked: string | undefined;
  /** A redrive is being started: its id is not in the state yet. */
  isStarting = false;

  constructor(private readonly group: DeployedGroup) {}

  /** Begins or ends the wait as the state says. */
  check(): void {
    const { preset, deploy } = this.group.state;
    const isWanted = preset.action === GroupDefault.REPLAY_AFTER_DEPLOY && deploy.letters > 0;
    if (!isWanted && deploy.redrive === undefined) {
      if (!this.isStarting) this.running?.cancel();
      return;
    }
    if (this.running !== undefined) {
      // It would wait for what was known then.
      if (this.asked !== undefined && this.asked !== JSON.stringify(this.question())) this.running.cancel();
      return;
    }
    const scope = new CancellationScope();
    this.running = scope;
    const ended = () => {
      this.running = undefined;
      this.isStarting = false;
      this.group.changed();
    };
    scope
      .run(() => this.once())
      .then(ended, (error) => {
        if (!isCancellation(error)) log.error('temporal-recovery: replay after a deploy failed', { error });
        ended();
      });
  }

  private async once(): Promise<void> {
    const { redrive } = this.group.state.deploy;
    if (redrive === undefined) {
      const builds = await this.untilDeployed();
      if (builds !== undefined) await this.start(builds);
      return;
    }
    const end = await endOf(redrive.id);
    this.redriven(end, redrive.builds);
    await sleep(REST_MS);
  }

  /** Undefined where the builds have failed meanwhile, or only became known as the old ones. */
  private async untilDeployed(): Promise<readonly string[] | undefined> {
    const question = this.question();
    this.asked = JSON.stringify(question);
    const answer = await awaitDeploy(question).finally(() => {
      this.asked = undefined;
    });
    const { builds, baseline } = readResult(answer);
    const { deploy } = this.group.state;
    if (baseline !== undefined) {
      this.become({ deploy: { ...deploy, failed: [...new Set([...deploy.failed, ...baseline])] } });
      return undefined;
    }
    return builds.some((build) => deploy.failed.includes(build)) ? undefined : builds;
  }

  private question(): DeployQuestion {
    const { failed, taskQueues } = this.group.state.deploy;
    return { taskQueues, failed, goneMs: this.group.input.goneMs ?? GONE_MS };
  }

  private async start(builds: readonly string[]): Promise<void> {
    const { state, input } = this.group;
    const number = state.redrives + 1;
    const { by = BY, reason } = state.preset;
    const why = `${BY}: ${shown(builds)}${reason === undefined ? '' : `; ${reason}`}`;
    this.isStarting = true;
    this.become({
      redrives: number,
      deploy: { ...state.deploy, letters: 0, redrive: { id: redriveId(input, number), builds } },
    });
    await CancellationScope.nonCancellable(() =>
      startGroupRedrive(input, { number, canary: 1, by, reason: why }),
    );
    this.note(`workers run ${shown(builds)}: redrive started, one letter first`);
  }

  private redriven(end: RedriveEnd, builds: readonly string[]): void {
    const { deploy, status } = this.group.state;
    const { total, replayed, left, why } = end;
    const isDone = end.status === RedriveStatus.COMPLETED && left === 0;
    const counts = `${replayed} of ${total} letters replayed, ${left} wait`;
    const text = isDone
      ? `redrive with ${shown(builds)}: ${replayed} of ${total} letters replayed`
      : `redrive with ${shown(builds)} ended as ${end.status}: ${counts}${why === undefined ? '' : ` (${why})`}`;
    const failed = isDone ? deploy.failed : [...new Set([...deploy.failed, ...builds])];
    this.become({ deploy: { ...deploy, redrive: undefined, failed, letters: deploy.letters + left } });
    this.note(isDone ? text : `${text}; waits for the next build`);
    const isMended = isDone && replayed > 0 && deploy.letters === 0 && status !== GroupStatus.RESOLVED;
    if (!isMended) return;
    const now = Date.now();
    this.become({ status: GroupStatus.RESOLVED, since: now, resolvedAt: now, mute: undefined });
    this.note('resolved: all letters were replayed');
  }

  private note(event: string): void {
    this.group.state = withEntry(this.group.state, { at: Date.now(), event, by: BY });
    this.group.changed();
  }

  private become(more: Partial<GroupState>): void {
    this.group.state = { ...this.group.state, ...more };
    this.group.changed();
  }
}

/** A redrive that cannot be asked any more has touched no further letter: those that are open wait. */
async function endOf(id: string): Promise<RedriveEnd> {
  try {
    return readResult(await awaitRedrive(id));
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return { status: 'FAILED', total: 0, replayed: 0, left: 1, why: error.cause?.message ?? error.message };
  }
}

function shown(builds: readonly string[]): string {
  return builds.join(', ');
}
