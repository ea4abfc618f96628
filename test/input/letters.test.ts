import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { startDeadLetter } from '../../client/dead-letter/start.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('no request costs a letter', () => {
  const given: unknown[][] = [];
  const activities = {
    async refuse(...args: unknown[]) {
      given.push(args);
      throw Object.assign(new Error('refused'), { status: 422 });
    },
    async handedOn(detail: unknown) {
      throw ApplicationFailure.create({ message: 'handed on', nonRetryable: true, details: [detail] });
    },
  };
  const get = useHarness('input-letters', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ maxRetries: 0 })] }),
  );
  let count = 0;
  const letterOf = async (activity: keyof typeof activities, ...args: unknown[]) => {
    const { client, taskQueue, recovery, id } = get();
    const seen = await client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: id(`origin-${count++}`), taskQueue, args: [activity, args] },
    });
    return recovery.deadLetters.get(seen.deadLetterId ?? '');
  };
  /** A signal as any tool sends it. */
  const send = (workflowId: string, signalName: string, ...inputs: string[]) => {
    const { client, namespace } = get();
    const payloads = inputs.map((json) => ({
      ...{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(json) },
    }));
    return client.workflowService.signalWorkflowExecution({
      ...{
        namespace,
        workflowExecution: { workflowId },
        signalName,
        requestId: `${count++}`,
        input: { payloads },
      },
    });
  };
  const lastOf = (id: string, event: string, message = /^/) =>
    eventually(async () => {
      const { story, status } = await get().recovery.deadLetters.get(id).describe();
      const last = story.at(-1);
      return last?.event === event && message.test(last.message ?? '') && { ...last, status };
    });

  test('a patch that would double the arguments again and again is skipped', async () => {
    const letter = await letterOf('refuse', { id: 1 });
    const patch = Array.from({ length: 27 }, (_, i) => ({
      op: 'copy' as const,
      from: '/0',
      path: `/0/c${i}`,
    }));
    await send(letter.id, 'replay', JSON.stringify({ transform: { patch } }));
    const { message, status } = await lastOf(letter.id, 'replay-skipped');
    assert.match(message ?? '', /into itself/);
    assert.equal(status, 'WAITING');
    const answer = await letter.replay({ transform: { patch } });
    assert.equal(answer.outcome, 'SKIPPED');
  });

  test('arguments that would be larger than the server takes are skipped, by patch and by edit', async () => {
    const letter = await letterOf('refuse', { id: 1, text: 'x'.repeat(1_200_000) });
    const value = 'y'.repeat(1_200_000);
    const patched = await letter.replay({ transform: { patch: [{ op: 'add', path: '/0/note', value }] } });
    assert.deepEqual([patched.outcome, patched.status], ['SKIPPED', 'WAITING']);
    assert.match(patched.message ?? '', /2\.0 MB/);
    // 1e20 is written with 21 digits: what came in 1 MB goes on as 4 MB.
    await send(letter.id, 'replay', `{"args":[[${new Array(200_000).fill('1e20').join(',')}]]}`);
    await lastOf(letter.id, 'replay-skipped', /would have 4\.4 MB.*takes 2\.0 MB/);
    assert.equal((await letter.replay()).outcome, 'FAILED');
  });

  test('requests nested without an end are refused, and the letter answers', async () => {
    const letter = await letterOf('refuse', { id: 1 });
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const [kind, json] of [
      ['replay', `{"args":${deep}}`],
      ['replay', `{"transform":{"patch":[{"op":"add","path":"/0","value":${deep}}]}}`],
      ['resolve', `{"result":${deep}}`],
      ['discard', deep],
    ] as const) {
      await send(letter.id, kind, json);
      assert.match((await lastOf(letter.id, 'refused')).message ?? '', /nested 1000 levels deep/);
      await letter.replay();
    }
  });

  test('arguments that are nested too deep to be shown are kept and replayed', async () => {
    const letter = await letterOf('refuse', { id: 1 });
    const deep = `${'['.repeat(6_000)}${']'.repeat(6_000)}`;
    await send(letter.id, 'replay', '{"by":"ada"}', deep);
    await lastOf(letter.id, 'replay-failed');
    let depth = 0;
    for (let at: unknown = given.at(-1)?.[0]; Array.isArray(at); at = at[0]) depth++;
    assert.equal(depth, 6_000);
  });

  test('ten thousand inputs are ten thousand arguments', async () => {
    const letter = await letterOf('refuse', { id: 1 });
    await send(letter.id, 'replay', '{"by":"ada"}', ...new Array<string>(10_000).fill('7'));
    await lastOf(letter.id, 'replay-failed');
    assert.equal(given.at(-1)?.length, 10_000);
    await send(letter.id, 'discard', ...new Array<string>(5_000).fill('{}'));
    assert.match((await lastOf(letter.id, 'refused')).message ?? '', /one input is expected; got 5000/);
  });

  test('details that look like ours, and are not, are classified like any failure', async () => {
    for (const detail of [
      { error: null, attempts: 1 },
      { v: 1, error: { message: 1 }, attempts: 1 },
      { v: 9, error: { message: 'x', errorCategory: 'AUTH' }, attempts: 3, held: { breaker: 'strange' } },
    ]) {
      const letter = await letterOf('handedOn', { temporalRecovery: detail });
      const { record, status } = await letter.describe();
      assert.deepEqual([record.error.message, record.error.errorCategory], ['handed on', 'UNKNOWN']);
      assert.equal(status, 'WAITING');
    }
  });
});

/** The server's own limit is 50 MB; a letter with 1.8 MB of arguments came there with its 29th replay. */
describe('a letter with large arguments', () => {
  const activities = {
    async refuse() {
      throw Object.assign(new Error('refused'), { status: 422 });
    },
  };
  const get = useHarness('input-large', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ maxRetries: 0 })] }),
  );

  test('stops replaying in time, says why, and can still be resolved', async () => {
    const { client, taskQueue, recovery, id } = get();
    const { deadLetterId = '' } = await client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: id('origin'), taskQueue, args: ['refuse', ['x'.repeat(1_950_000)]] },
    });
    const letter = recovery.deadLetters.get(deadLetterId);
    const outcomes: string[] = [];
    let message: string | undefined;
    while (outcomes.length < 30 && outcomes.at(-1) !== 'SKIPPED') {
      const answer = await letter.replay();
      outcomes.push(answer.outcome);
      message = answer.message;
    }
    assert.ok(outcomes.length > 15 && outcomes.length < 25, `${outcomes.length}`);
    assert.match(message ?? '', /Too many replays.*4\d\.\d MB.*resolve this letter/);
    await letter.resolve({ result: 1, reason: 'started again' });
    assert.equal((await letter.describe()).status, 'RESOLVED');
  });
});

describe('a fault of our own that comes again', () => {
  const activities = {
    async refuse() {
      throw Object.assign(new Error('refused with token=s3cr3t-value-1234'), { status: 422 });
    },
  };
  /** Written as JSON only when it is needed, and then it cannot be. */
  const value = {
    toJSON() {
      throw new TypeError('cannot be written');
    },
  };
  const get = useHarness('input-bare', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ maxRetries: 0, skipValue: value })] }),
  );

  test('leaves a letter with the least that can be replayed, and the workflow goes on', async () => {
    const { client, taskQueue, recovery, id } = get();
    const { deadLetterId = '', error } = await client.workflow.execute<typeof callOne>('callOne', {
      ...{
        workflowId: id('origin'),
        taskQueue,
        args: ['refuse', [{ n: 1 }]],
        workflowExecutionTimeout: '60s',
      },
    });
    assert.equal(error?.name, 'ActivityFailure');
    const letter = recovery.deadLetters.get(deadLetterId);
    const { record, args, status } = await letter.describe();
    assert.deepEqual([status, args], ['WAITING', [{ n: 1 }]]);
    assert.match(record.error.message, /^refused with token=/);
    assert.ok(!JSON.stringify(record).includes('s3cr3t'));
    assert.equal((await letter.replay()).outcome, 'FAILED');
  });
});

describe('a letter that is held, and sent much', () => {
  const get = useHarness('input-held', (h) => h.startWorker({ workflowsPath }));

  test('goes on in a new run before its history is full, and stays held', async () => {
    const { client, namespace, recovery, recoveryTaskQueue, id } = get();
    const at = new Date().toISOString();
    const letterId = `dead-letter/${id('held')}`;
    const text = 'x'.repeat(1_000_000);
    await startDeadLetter(
      client,
      recoveryTaskQueue,
      {
        ...{
          version: 1,
          id: letterId,
          createdAt: at,
          queue: 'q',
          operation: 'o',
          group: 'g',
          activityType: 'none',
        },
        origin: {
          ...{
            namespace,
            workflowId: id('gone'),
            runId: '0',
            workflowType: 't',
            activityId: '1',
            scheduledEventId: 0,
          },
        },
        // Nobody takes the call, which waits for its breaker.
        call: { taskQueue: id('nobody'), startToCloseTimeoutMs: 1_000 },
        error: { message: 'm', errorCategory: 'SERVER', timestamp: at, additionalContext: {} },
        ...{ attempts: [], argumentCount: 1, headers: {}, held: { breaker: 'b' }, autoRelease: true },
        replay: { maximumAttempts: 1, scheduleToStartTimeoutMs: 1_000 },
      },
      [defaultPayloadConverter.toPayload(text)],
    );
    const handle = client.workflow.getHandle(letterId);
    const { runId } = await handle.describe();
    for (let sent = 0; sent < 22; sent++) await handle.signal('discard', { nonsense: text });
    await eventually(async () => (await handle.describe()).runId !== runId);
    const letter = recovery.deadLetters.get(letterId);
    const { status, args, story } = await letter.describe();
    assert.deepEqual([status, (args[0] as string).length], ['HELD', text.length]);
    assert.ok(story.filter(({ event }) => event === 'refused').length > 15);
    assert.equal((await letter.replay()).outcome, 'HELD');
    await eventually(async () => (await handle.describe()).raw.pendingActivities?.length === 1);
    await letter.discard();
  });
});
