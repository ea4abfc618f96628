import { readFileSync } from 'node:fs';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { DeadLetterSummary, RedriveReport } from 'temporal-recovery/client';
import { inParallel } from '../../client/in-parallel.js';
import type { ParkedOutcome } from './parked.js';
import { awaited, persistently } from './persistently.js';
import { type Origin, write } from './records.js';
import { type RecordedRun, replayAll } from './replay.js';
import { addReplays, type LetterReplays, scheduledCalls } from './replays.js';
import { LISTED, type Scene } from './scene.js';
import type { LogLine } from './worker.js';

/** Each function gives what is not as it was promised, a line each. */
type Wrong = string[];

const ALL = 100_000;
const AT_ONCE = 10;
/** They run on while there is anything to count. */
const ENTITIES = ['circuitBreaker', 'deadLetterGroup', 'errorAnalytics', 'limit'];

export function listLetters({ recovery }: Scene): Promise<DeadLetterSummary[]> {
  return recovery.deadLetters.list({ limit: ALL });
}

/** Every record is written, or is exactly one letter; its workflow knows which. */
export function writtenOrOneLetter(
  { target }: Scene,
  origins: readonly Origin[],
  letters: readonly DeadLetterSummary[],
): Wrong {
  const lettersOf = new Map<string, string[]>();
  for (const { id, originWorkflowId = '' } of letters) {
    lettersOf.set(originWorkflowId, [...(lettersOf.get(originWorkflowId) ?? []), id]);
  }
  return origins.flatMap(({ workflowId, fates }) => {
    const all = Object.entries(fates);
    const lost = all.filter(([record, fate]) => fate === 'written' && !target.isWritten(record));
    const told = all.map(([, fate]) => (fate === 'written' ? undefined : (fate.letter ?? 'no id')));
    const expected = told.filter((id) => id !== undefined).sort();
    const found = (lettersOf.get(workflowId) ?? []).sort();
    return [
      ...lost.map(([record]) => `${record} is written for its workflow, but not at the target`),
      ...(expected.join() === found.join()
        ? []
        : [`${workflowId} got the letters ${expected.join(', ') || 'none'}; there are ${found.join(', ')}`]),
    ];
  });
}

/** After the last redrive every record is written, and none twice. */
export function allWritten({ target }: Scene, records: readonly string[]): Wrong {
  return [
    ...records.filter((record) => !target.isWritten(record)).map((record) => `${record} is not written`),
    ...target.doubled.map((record) => `${record} is written twice, under two keys`),
  ];
}

/** Every letter came from a call of the campaign, and was replayed; the parked ones as was decided. */
export function lettersDone(
  letters: readonly DeadLetterSummary[],
  { runs }: Pick<Histories, 'runs'>,
  parked: readonly ParkedOutcome[],
): Wrong {
  const decided = new Set(parked.map(({ letter }) => letter));
  const count = new Map<string, number>();
  for (const { originWorkflowId = '' } of letters) {
    count.set(originWorkflowId, (count.get(originWorkflowId) ?? 0) + 1);
  }
  return [
    ...letters
      .filter(({ originWorkflowId, originRunId }) => !runs.has(`${originWorkflowId}/${originRunId}`))
      .map(({ id }) => `${id} came from no run of a workflow`),
    ...letters
      .filter(({ id, status }) => !decided.has(id) && status !== 'REPLAYED')
      .map(({ id, status }) => `${id} is ${status}`),
    ...parked
      .filter(({ workflowId }) => count.get(workflowId) !== 1)
      .map(({ workflowId }) => `${workflowId} has ${count.get(workflowId) ?? 0} letters`),
  ];
}

/** A redrive has an outcome for each letter, of which it keeps one. */
export async function redriveWhole(
  scene: Scene,
  redriveId: string,
  report: RedriveReport,
  ids: readonly string[],
): Promise<Wrong> {
  const outcomes = await outcomesOf(scene, redriveId);
  return [
    ...ids.filter((id) => !outcomes.has(id)).map((id) => `${redriveId} has no outcome of ${id}`),
    ...(outcomes.size === report.total
      ? []
      : [`${redriveId} has ${outcomes.size} outcomes of ${report.total} letters`]),
    ...(report.status === 'COMPLETED' && report.untouched === 0
      ? []
      : [`${redriveId} is ${report.status}, ${report.untouched} letters untouched: ${report.why}`]),
  ];
}

/** By id of the letter. */
export function outcomesOf(
  { recovery, until }: Scene,
  redriveId: string,
): Promise<ReadonlyMap<string, string>> {
  return persistently(`outcomes of ${redriveId}`, until, async () => {
    const outcomes = new Map<string, string>();
    for await (const { id, outcome } of recovery.redrives.get(redriveId).outcomes())
      outcomes.set(id, outcome);
    return outcomes;
  });
}

/** Breakers close once calls succeed. */
export async function breakersClose(scene: Scene): Promise<Wrong> {
  const open = async () => {
    const all = await scene.recovery.breakers.list({ limit: 1_000 });
    return all.filter(({ status }) => status !== 'CLOSED');
  };
  try {
    let call = 0;
    await awaited('closed breakers', scene.until, async () => {
      if ((await open()).length === 0) return true;
      // Of each operation that may have a breaker.
      for (const name of [`well-${call}`, `${LISTED}well-${call}`])
        await write(scene, `origin-${name}`, [name]);
      call++;
      return false;
    });
    return [];
  } catch {
    return (await open()).map(({ name, status, why }) => `breaker ${name} is ${status}: ${why}`);
  }
}

/** Failures of workflow tasks that say nothing of the workflow's code. */
const HARMLESS = new Set([
  'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND',
  'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW',
  // The workflow was terminated in the middle of a task.
  'WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND',
]);
/** What a worker of an older build says of a history that a newer one has gone on with. */
export const NEWER_PATCH = /patch marker encountered for change temporal-recovery/;
const { WorkflowTaskFailedCause } = temporal.api.enums.v1;

export interface Histories {
  readonly wrong: Wrong;
  /** As `workflow id/run id`. */
  readonly runs: ReadonlySet<string>;
  readonly events: number;
  readonly workflowTaskTimeouts: number;
  /** Workflow tasks that failed on a worker of an older build, as docs/upgrading.md says. */
  readonly tasksForNewerBuild: number;
  /** Of letters of listed records, by id. */
  readonly listedReplays: ReadonlyMap<string, LetterReplays>;
}

/**
 * No workflow is stuck or failed, no workflow task failed, no letter was replayed twice, and every history replays: every
 * run, event by event.
 * @param codePath the bundle of the workflows
 * @param isMixed whether there was another build too, which may be older
 */
export async function readHistories(
  { client }: Scene,
  codePath: string,
  isMixed: boolean,
): Promise<Histories> {
  const executions: WorkflowExecutionInfo[] = [];
  for await (const execution of client.workflow.list({ pageSize: 1_000 })) executions.push(execution);
  const wrong: Wrong = [];
  let count = 0;
  let workflowTaskTimeouts = 0;
  let tasksForNewerBuild = 0;
  const replays = new Map<string, number>();
  const listedReplays = new Map<string, LetterReplays>();
  const recorded: RecordedRun[] = [];
  await inParallel(executions, AT_ONCE, async ({ workflowId, runId, type, status }) => {
    if (status.name === 'RUNNING' && !ENTITIES.includes(type)) wrong.push(`${workflowId} still runs`);
    if (['FAILED', 'TIMED_OUT'].includes(status.name)) wrong.push(`${workflowId} is ${status.name}`);
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    recorded.push({ workflowId, type, history });
    const { events } = history;
    count += events?.length ?? 0;
    workflowTaskTimeouts += events?.filter((event) => event.workflowTaskTimedOutEventAttributes).length ?? 0;
    for (const each of failedTasks(events ?? [])) {
      if (isMixed && NEWER_PATCH.test(each)) tasksForNewerBuild++;
      else wrong.push(`a workflow task of ${workflowId} failed: ${each}`);
    }
    if (type !== 'deadLetter') return;
    replays.set(workflowId, (replays.get(workflowId) ?? 0) + successes(events ?? []));
    if (workflowId.includes(LISTED))
      listedReplays.set(workflowId, addReplays(listedReplays.get(workflowId), events ?? []));
  });
  for (const [id, times] of replays) if (times > 1) wrong.push(`${id} was replayed well ${times} times`);
  wrong.push(...(await replayAll(recorded, codePath)));
  const runs = new Set(executions.map(({ workflowId, runId }) => `${workflowId}/${runId}`));
  return { wrong, runs, events: count, workflowTaskTimeouts, tasksForNewerBuild, listedReplays };
}

type Event = temporal.api.history.v1.IHistoryEvent;

function failedTasks(events: readonly Event[]): string[] {
  return events.flatMap(({ workflowTaskFailedEventAttributes: failed }) => {
    if (!failed) return [];
    const cause = WorkflowTaskFailedCause[failed.cause ?? 0] ?? '';
    return HARMLESS.has(cause) ? [] : [`${cause} ${failed.failure?.message}`];
  });
}

/** Calls of a letter that succeeded. */
function successes(events: readonly Event[]): number {
  const calls = scheduledCalls(events, ['write', 'publish', 'approve']);
  return events.filter(({ activityTaskCompletedEventAttributes: completed }) =>
    calls.has(`${completed?.scheduledEventId}`),
  ).length;
}

export function readLogs(paths: readonly string[]): LogLine[] {
  return paths.flatMap((path) =>
    read(path)
      .split('\n')
      // A process that is killed while it writes leaves half a line.
      .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as LogLine] : [])),
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It had nothing to say.
    return '';
  }
}
