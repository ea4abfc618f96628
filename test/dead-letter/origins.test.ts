import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, Connection, type WorkflowHandle, type WorkflowStartOptions } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { type DeadLetterHandle, InvalidRequestError, type OriginStatus } from 'temporal-recovery/client';
import { describeOrigin } from '../../client/dead-letter/describe-origin.js';
import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('./workflows.js');

/** How a workflow with a dead letter comes to an end of each kind. */
interface Ending {
  readonly workflow: string;
  readonly args?: unknown[];
  readonly options?: Partial<WorkflowStartOptions>;
  /** What is done to the workflow once it has its letter. */
  readonly end?: (origin: WorkflowHandle, client: Client) => Promise<unknown>;
  /** On the page of the letter. */
  readonly page: RegExp;
}

/** Fails, is notified of it, and goes on for an hour. */
const LONG = { workflow: 'callInSequence', args: [['refuse'], '1 hour'] };
const ONCE = { workflow: 'callOne', args: ['refuse', []] };
const FAILING = { workflow: 'callAndFail', args: ['refuse', []] };

const ENDINGS: Record<Exclude<OriginStatus, 'unknown' | 'gone'>, Ending> = {
  open: { ...LONG, page: /is \*\*OPEN\*\*: it was notified of the failure/ },
  completed: { ...ONCE, page: /has \*\*COMPLETED\*\* since\. A replay repeats only this call/ },
  failed: { ...FAILING, page: /has \*\*FAILED\*\* since/ },
  cancelled: { ...LONG, end: (origin) => origin.cancel(), page: /was \*\*CANCELLED\*\* since/ },
  terminated: { ...LONG, end: (origin) => origin.terminate(), page: /was \*\*TERMINATED\*\* since/ },
  timedOut: { ...LONG, options: { workflowExecutionTimeout: '5s' }, page: /has \*\*TIMED OUT\*\* since/ },
  continuedAsNew: { ...ONCE, workflow: 'callAndContinue', page: /has \*\*CONTINUED AS NEW\*\* since/ },
  retried: {
    ...{ ...FAILING, options: { retry: { maximumAttempts: 2, initialInterval: '100ms' } } },
    page: /was \*\*RETRIED\*\*: a newer run of it may make this call/,
  },
  reset: { ...LONG, end: reset, page: /was \*\*RESET\*\*: a newer run of it may make this call/ },
};

/** Resets to the first workflow task. */
async function reset({ workflowId }: WorkflowHandle, client: Client): Promise<void> {
  await client.workflowService.resetWorkflowExecution(
    temporal.api.workflowservice.v1.ResetWorkflowExecutionRequest.fromObject({
      namespace: client.options.namespace,
      workflowExecution: { workflowId },
      workflowTaskFinishEventId: 4,
      requestId: workflowId,
      reason: 'test',
    }),
  );
}

describe('the workflow a dead letter came from', { concurrency: 3 }, () => {
  let calls = 0;
  const get = useHarness('origins', (h) =>
    h.startWorker({
      workflowsPath,
      activities: {
        refuse: async () => {
          throw Object.assign(new Error('no'), { status: 422 });
        },
        counted: async (value: string) => {
          calls++;
          if (value === 'bad') throw Object.assign(new Error('no'), { status: 422 });
          return value;
        },
        again: async () => {
          throw Object.assign(new Error('no'), { status: 422 });
        },
      },
      plugins: [
        h.plugin({
          operations: { again: { queue: h.id('again') } },
          queues: { [h.id('again')]: { autoReplay: { delays: ['100ms'] } } },
        }),
      ],
    }),
  );

  const start = async (name: string, { workflow, args, options }: Partial<Ending>) => {
    const h = get();
    const origin = await h.client.workflow.start(workflow ?? 'callOne', {
      ...{ workflowId: h.id(name), taskQueue: h.taskQueue, args },
      ...options,
    });
    const { firstExecutionRunId: runId } = origin;
    // The id of a letter tells the run it came from.
    const query = `WorkflowType = 'deadLetter' AND WorkflowId STARTS_WITH 'dead-letter/${h.id(name)}/'`;
    const id = await eventually(async () => {
      for await (const { workflowId } of h.client.workflow.list({ query })) {
        if (workflowId.includes(runId)) return workflowId;
      }
      return undefined;
    });
    return { origin, letter: h.recovery.deadLetters.get(id) };
  };
  const pageOf = async ({ id }: DeadLetterHandle) => {
    const { currentDetails = '' } = await get()
      .client.workflow.getHandle(id)
      .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
    return currentDetails;
  };

  for (const [status, ending] of Object.entries(ENDINGS)) {
    test(`that is ${status}: the answer, the story, the state and the page of a replay say so`, async () => {
      const { origin, letter } = await start(status, ending);
      await ending.end?.(origin, get().client);
      // Ends, deletions and further runs come a moment later.
      await eventually(async () => (await letter.describe()).origin?.status === status);
      assert.equal((await letter.state()).origin, undefined);
      const answer = await letter.replay({ by: 'ada' });
      assert.deepEqual([answer.outcome, answer.origin], ['FAILED', status]);
      const state = await letter.state();
      assert.equal(state.origin?.status, status);
      assert.ok(Date.parse(state.origin?.at ?? '') > Date.parse(state.record.createdAt));
      assert.equal(state.story.find(({ event }) => event === 'replay-started')?.origin, status);
      const page = await pageOf(letter);
      assert.match(page, ending.page);
      assert.match(page, new RegExp(`replay started by \`ada\` · origin: ${status}`));
    });
  }

  test('that the server does not keep any more is gone', async () => {
    const h = get();
    const { letter } = await start('kept', ONCE);
    const { record, args } = await letter.describe();
    const origin = { ...record.origin, workflowId: h.id('deleted') };
    const { workflowId } = await h.client.workflow.signalWithStart('deadLetter', {
      ...{ workflowId: `${record.id}-gone`, taskQueue: h.recoveryTaskQueue },
      ...{ args: [{ ...record, origin }], signal: 'arguments', signalArgs: args },
    });
    const gone = h.recovery.deadLetters.get(workflowId);
    assert.equal((await gone.replay()).origin, 'gone');
    assert.match(await pageOf(gone), /is \*\*GONE\*\*: the server no longer keeps it/);
  });

  test('that cannot be looked up is unknown, within seconds, and nothing is thrown', async () => {
    // It stays open: the SDK goes on with a request that no caller awaits, and one of a closed connection throws.
    const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
    const run = { namespace: 'default', workflowId: 'w', runId: 'r' };
    const startedAt = Date.now();
    assert.equal(await describeOrigin(client, run), 'unknown');
    assert.ok(Date.now() - startedAt < 5_000);
  });

  test('skipOrigins: the letter is skipped and waits as before, and is replayed where the origin is another', async () => {
    const { letter } = await start('skipped', { args: ['counted', ['bad']] });
    const before = calls;
    const skipped = await letter.replay({ skipOrigins: ['open', 'completed'], by: 'ada' });
    assert.deepEqual([skipped.outcome, skipped.status, skipped.origin], ['SKIPPED', 'WAITING', 'completed']);
    assert.match(skipped.message ?? '', /The workflow it came from is completed, and such letters are/);
    assert.equal(calls, before);
    const { story, replays } = await letter.state();
    assert.deepEqual([story.at(-1)?.event, story.at(-1)?.by, replays], ['replay-skipped', 'ada', 0]);
    const replayed = await letter.replay({ skipOrigins: ['open'], args: ['good'] });
    assert.deepEqual([replayed.outcome, replayed.origin], ['REPLAYED', 'completed']);
    assert.equal(calls, before + 1);
  });

  test('skipOrigins with anything else is refused, with what is allowed', async () => {
    const { letter } = await start('misspelt', { args: ['counted', ['bad']] });
    for (const skipOrigins of [['done'], [], 'completed']) {
      await assert.rejects(letter.replay({ skipOrigins } as never), (error: Error) => {
        assert.ok(error instanceof InvalidRequestError);
        assert.match(
          error.message,
          /skipOrigins must be a list of at least one of open, completed, .*; got /,
        );
        return true;
      });
    }
  });

  test('a dry run looks too, and so does a replay by itself', async () => {
    const { letter } = await start('dry', { args: ['counted', ['bad']] });
    const patch = [{ op: 'replace', path: '/0', value: 'good' }] as const;
    const preview = await letter.replay({ transform: { patch }, dryRun: true });
    assert.deepEqual([preview.outcome, preview.origin], ['PREVIEW', 'completed']);
    assert.match(await pageOf(letter), /has \*\*COMPLETED\*\* since/);
    const { letter: again } = await start('again', { args: ['again', []] });
    const started = await eventually(async () => {
      const { story } = await again.state();
      return story.find(({ event, by }) => event === 'replay-started' && by === 'automatic replay');
    });
    assert.ok(started.origin === 'completed' || started.origin === 'open', started.origin);
  });
});
