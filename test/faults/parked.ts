import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { DeadLetterClosedError, type DeadLetterHandle } from 'temporal-recovery/client';
import { NEWER_PATCH } from './invariants.js';
import { awaited, persistently } from './persistently.js';
import { between, randomFor } from './random.js';
import { resultOf, unlessStarted } from './records.js';
import { PARKED, type Scene } from './scene.js';
import { TASK_QUEUE } from './worker.js';
import type { approveRecord } from './workflows.js';

/** What happens to a parked workflow, and what has to become of it. */
interface Story {
  readonly name: string;
  /** Before the decision. */
  readonly to?: (scene: Scene, workflowId: string) => Promise<void>;
  readonly decision: 'replay' | 'replay by signal' | 'resolve' | 'discard' | 'none';
  /** The result of the workflow's latest run, or how it ended. */
  readonly result: string;
  readonly letter: 'REPLAYED' | 'RESOLVED' | 'DISCARDED';
}

const BY_HAND = 'by hand';
const ANSWER_WITHIN_MS = 15_000;
const REQUEST_AGAIN_MS = 2_000;

const STORIES: readonly Story[] = [
  { name: 'replayed', decision: 'replay', result: 'written', letter: 'REPLAYED' },
  { name: 'replayed by signal', decision: 'replay by signal', result: 'written', letter: 'REPLAYED' },
  { name: 'resolved', decision: 'resolve', result: BY_HAND, letter: 'RESOLVED' },
  { name: 'discarded', decision: 'discard', result: 'DeadLetterDiscardedError', letter: 'DISCARDED' },
  { name: 'cancelled', to: cancel, decision: 'none', result: 'CANCELLED', letter: 'DISCARDED' },
  {
    ...{ name: 'terminated, then replayed', to: terminate },
    ...{ decision: 'replay', result: 'TERMINATED', letter: 'REPLAYED' },
  },
  {
    ...{ name: 'reset to the failure, then replayed', to: resetToFailure },
    ...{ decision: 'replay', result: 'written', letter: 'REPLAYED' },
  },
  {
    ...{ name: 'reset to after the letter began, then discarded', to: resetToLetter },
    ...{ decision: 'discard', result: 'DeadLetterDiscardedError', letter: 'DISCARDED' },
  },
];

/** What became of a parked workflow. */
export interface ParkedOutcome {
  readonly record: string;
  readonly workflowId: string;
  readonly letter: string;
  readonly story: string;
  /** What is not as it has to be. */
  readonly wrong: string[];
}

/** Parks workflows and decides about them, while faults happen. */
export function parkThroughFaults(scene: Scene): Promise<ParkedOutcome[]> {
  return Promise.all(
    Array.from({ length: scene.size.parked }, (_, index) =>
      parkOne(scene, `${PARKED}${index}`, STORIES[index % STORIES.length] as Story),
    ),
  );
}

async function parkOne(scene: Scene, record: string, story: Story): Promise<ParkedOutcome> {
  const { client, recovery, size, target, from, until } = scene;
  const random = randomFor(scene.seed, record);
  const workflowId = `origin-${record}`;
  await delay(from + between(random, 0, 0.3) * size.faultsMs - Date.now());
  await persistently(`start of ${workflowId}`, until, async () => {
    const options = { workflowId, taskQueue: TASK_QUEUE, args: [record] as [string] };
    await client.workflow.start<typeof approveRecord>('approveRecord', options).catch(unlessStarted);
  });
  const handle = client.workflow.getHandle(workflowId);
  const id = await awaited(`letter of ${workflowId}`, until, async () => {
    const { pendingChildren } = (await handle.describe()).raw;
    return pendingChildren?.[0]?.runId ? (pendingChildren[0].workflowId ?? undefined) : undefined;
  });
  await delay(from + between(random, 0.3, 0.9) * size.faultsMs - Date.now());
  await story.to?.(scene, workflowId);
  await delay(between(random, 0, 2_000));
  if (story.decision.startsWith('replay')) target.mend(record);
  await decide(scene, recovery.deadLetters.get(id), story);
  const wrong: string[] = [];
  const result = await resultOf(scene, workflowId).catch(endOf);
  if (result !== story.result) wrong.push(`the workflow got ${result} instead of ${story.result}`);
  const status = await statusOf(scene, id);
  if (status !== story.letter) wrong.push(`the letter is ${status} instead of ${story.letter}`);
  const isToBeWritten = story.letter === 'REPLAYED';
  if (target.isWritten(record) !== isToBeWritten) {
    wrong.push(isToBeWritten ? 'it was not written' : 'it was written');
  }
  return { record, workflowId, letter: id, story: story.name, wrong };
}

/** Requests again what did not succeed, as a person would: a replay fails while the target is down. */
async function decide({ client, until }: Scene, letter: DeadLetterHandle, story: Story): Promise<void> {
  const { decision } = story;
  await awaited(`${decision} of ${letter.id}`, until, async () => {
    const { status } = await client.workflow.getHandle(letter.id).describe();
    if (status.name !== 'RUNNING') return true;
    try {
      // An update waits for the recovery worker, which may be away.
      await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => request(letter, decision));
    } catch (error) {
      if (error instanceof DeadLetterClosedError) return true;
      throw error;
    }
    await delay(REQUEST_AGAIN_MS);
    return false;
  });
}

async function request(letter: DeadLetterHandle, decision: Story['decision']): Promise<void> {
  switch (decision) {
    case 'replay':
      await letter.replay();
      return;
    case 'replay by signal':
      return letter.signalReplay();
    case 'resolve':
      return letter.signalResolve({ result: BY_HAND });
    case 'discard':
      await letter.discard({ reason: 'not needed' });
      return;
    case 'none':
      return;
  }
}

async function statusOf({ recovery, until }: Scene, id: string): Promise<string> {
  const state = await awaited(`state of ${id}`, until, () =>
    recovery.deadLetters
      .get(id)
      .state()
      .catch((error) => {
        // A worker of an older build was asked.
        if (NEWER_PATCH.test(`${error}`)) return undefined;
        throw error;
      }),
  );
  return state.status;
}

/** How a workflow ended that has no result. */
function endOf(error: unknown): string {
  if (!(error instanceof WorkflowFailedError)) throw error;
  if (error.cause instanceof CancelledFailure) return 'CANCELLED';
  return error.cause instanceof TerminatedFailure ? 'TERMINATED' : 'FAILED';
}

async function cancel({ client, until }: Scene, workflowId: string): Promise<void> {
  await persistently(`cancel ${workflowId}`, until, () => client.workflow.getHandle(workflowId).cancel());
}

async function terminate({ client, until }: Scene, workflowId: string): Promise<void> {
  await persistently(`terminate ${workflowId}`, until, async () => {
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') await handle.terminate('no longer needed');
  });
}

type Event = temporal.api.history.v1.IHistoryEvent;

function resetToFailure(scene: Scene, workflowId: string): Promise<void> {
  return reset(scene, workflowId, (event) => event.activityTaskFailedEventAttributes);
}

function resetToLetter(scene: Scene, workflowId: string): Promise<void> {
  return reset(scene, workflowId, (event) => event.childWorkflowExecutionStartedEventAttributes);
}

/** To the first workflow task after an event. */
async function reset(scene: Scene, workflowId: string, after: (event: Event) => unknown): Promise<void> {
  const { client, until } = scene;
  const { namespace } = client.options;
  const { runId } = (await persistently(`run of ${workflowId}`, until, () =>
    client.workflow.getHandle(workflowId).describe(),
  )) as { runId: string };
  const task = await awaited(`task of ${workflowId}`, until, async () => {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      ...{ namespace, execution: { workflowId, runId } },
    });
    const events = history?.events ?? [];
    const from = events.findLastIndex(after);
    return (
      from >= 0 && events.slice(from).find((event) => event.workflowTaskCompletedEventAttributes)?.eventId
    );
  });
  const request = temporal.api.workflowservice.v1.ResetWorkflowExecutionRequest.fromObject({
    ...{ namespace, workflowExecution: { workflowId, runId }, workflowTaskFinishEventId: task },
    // The same each time: one reset, also where its answer is lost.
    ...{ requestId: `reset-${workflowId}`, reason: 'test' },
  });
  await persistently(`reset of ${workflowId}`, until, () =>
    client.workflowService.resetWorkflowExecution(request),
  );
}
