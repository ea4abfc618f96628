import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sleep } from '@temporalio/activity';
import { idempotencyKey, type OriginInfo, originInfo } from 'temporal-recovery/activity';
import { eventually, logLines, useHarness, workflowsPath } from '../support/harness.js';
import type { callAndFail, callOne } from '../support/workflows.js';

const SECRET = 'hunter2-s3cr3t';

describe('calls that become dead letters', () => {
  const seenOrigins: [OriginInfo, string][] = [];
  const lengths: number[] = [];
  const started = new Set<string>();
  const fail = (message: string, extra = {}) => {
    throw Object.assign(new Error(message), { status: 422, ...extra });
  };
  const activities = {
    async refuse() {
      fail('no');
    },
    async large(text: string) {
      lengths.push(text.length);
      if (lengths.length === 1) fail('too early');
      return text.length;
    },
    async whoAmI() {
      seenOrigins.push([originInfo(), idempotencyKey()]);
      throw Object.assign(new Error('unavailable'), { status: 503 });
    },
    async hang(name: string) {
      started.add(name);
      await sleep(60_000);
    },
    async leak() {
      fail(`denied for https://user:${SECRET}@api.test/x?access_token=${SECRET}`, {
        config: {
          url: `https://api.test/x?token=${SECRET}`,
          headers: { Authorization: `Bearer ${SECRET}` },
        },
        response: { status: 422, data: { password: SECRET, token: SECRET } },
      });
    },
    async markdown() {
      fail('`**x** [a](http://x) <b>hi</b>\n# head\n```\n| _y_ |', { body: '```\n</script>](http://x)' });
    },
  };
  const get = useHarness('calls', (h) =>
    h.startWorker({
      workflowsPath,
      activities,
      plugins: [h.plugin({ replay: { scheduleToStartTimeout: '2s', maximumAttempts: 2 } })],
    }),
  );

  const call = (activity: string, args: unknown[] = [], options = {}, workflowId?: string) =>
    get().client.workflow.execute<typeof callOne>('callOne', {
      workflowId: workflowId ?? get().id(`${activity}-${Math.random()}`),
      taskQueue: get().taskQueue,
      args: [activity, args, options],
    });
  const letterOf = (seen: { deadLetterId?: string }) => {
    assert.ok(seen.deadLetterId, JSON.stringify(seen));
    return get().recovery.deadLetters.get(seen.deadLetterId);
  };
  const letterExists = async (workflowId: string) => {
    const { client } = get();
    const query = `WorkflowType='deadLetter' AND WorkflowId STARTS_WITH 'dead-letter/${workflowId}'`;
    return (await client.workflow.count(query)).count > 0;
  };

  test('arguments close to 2 MB are kept and replayed', async () => {
    const letter = letterOf(await call('large', ['x'.repeat(1_900_000)]));
    assert.equal((await letter.replay()).outcome, 'REPLAYED');
    assert.deepEqual(lengths, [1_900_000, 1_900_000]);
  });

  test('origin and idempotency key are the same in every attempt and every replay', async () => {
    const retry = { initialInterval: 10, maximumAttempts: 2 };
    const letter = letterOf(await call('whoAmI', [], { retry }));
    await letter.replay();
    await letter.replay();
    assert.ok(seenOrigins.length >= 4, `${seenOrigins.length}`);
    assert.equal(new Set(seenOrigins.map(([, key]) => key)).size, 1);
    const origins = seenOrigins.map(([{ deadLetterId: _, ...origin }]) => JSON.stringify(origin));
    assert.equal(new Set(origins).size, 1);
    assert.equal(seenOrigins.at(-1)?.[0].deadLetterId, letter.id);
  });

  test('a replay has the priority of the call: its own, and what it has of its workflow', async () => {
    const h = get();
    const seen = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id('priority'), taskQueue: h.taskQueue },
      priority: { priorityKey: 4, fairnessKey: 'acme' },
      args: ['refuse', [], { priority: { priorityKey: 2 } }],
    });
    const letter = letterOf(seen);
    const { record } = await letter.describe();
    assert.deepEqual(record.call.priority, { priorityKey: 2, fairnessKey: 'acme' });
    await letter.replay();
    const { events } = await h.client.workflow.getHandle(letter.id).fetchHistory();
    const scheduled = events?.map(
      ({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes,
    );
    const { priority } = scheduled?.find((attributes) => attributes?.activityType?.name === 'refuse') ?? {};
    assert.deepEqual([priority?.priorityKey, priority?.fairnessKey], [2, 'acme']);
  });

  test('ids of letters fit and stay readable', async () => {
    for (const start of ['a/b/', 'häß-日本-', 'l'.repeat(200)]) {
      const base = get().id(start);
      const workflowId = base.length < 200 ? base : base.slice(0, 200).padEnd(255, 'z');
      const { id } = letterOf(await call('refuse', [], {}, workflowId));
      assert.ok(Buffer.byteLength(id) <= 255, id);
      assert.ok(id.startsWith(`dead-letter/${workflowId.slice(0, 30)}`), id);
      assert.match(id, /\/refuse\//);
    }
  });

  test('the same activity id twice gives two letters', async () => {
    const workflowId = get().id('again');
    const first = letterOf(await call('refuse', [], { activityId: 'same' }, workflowId));
    const second = letterOf(await call('refuse', [], { activityId: 'same' }, workflowId));
    assert.notEqual(first.id, second.id);
  });

  test('a cancelled activity leaves no letter', async () => {
    const h = get();
    const workflowId = h.id('cancelled');
    const handle = await h.client.workflow.start<typeof callAndFail>('callAndFail', {
      workflowId,
      taskQueue: h.taskQueue,
      args: ['hang', [workflowId]],
    });
    await eventually(() => started.has(workflowId));
    await handle.cancel();
    await assert.rejects(handle.result());
    const control = letterOf(await call('refuse', [], {}, h.id('control')));
    await eventually(() => letterExists(h.id('control')));
    assert.ok(control.id);
    assert.equal(await letterExists(workflowId), false);
  });

  test('a time-out becomes a letter, and the workflow sees it as before', async () => {
    const retry = { maximumAttempts: 2, initialInterval: 10 };
    for (const [options, type] of [
      [{ startToCloseTimeout: '1s', retry }, 'START_TO_CLOSE'],
      [{ heartbeatTimeout: '1s', retry }, 'HEARTBEAT'],
      [{ taskQueue: get().id('nobody'), scheduleToStartTimeout: '1s' }, 'SCHEDULE_TO_START'],
    ] as const) {
      const seen = await call('hang', [type], options);
      assert.equal(seen.error?.causeName, 'TimeoutFailure');
      assert.equal(seen.error?.timeoutType, type);
      const { record } = await letterOf(seen).describe();
      assert.equal(record.error.errorCategory, 'TIMEOUT');
    }
  });

  test('an unregistered activity, or no worker at all: the letter waits and says so', async () => {
    const options = { taskQueue: get().id('nowhere'), scheduleToStartTimeout: '1s' };
    const letter = letterOf(await call('refuse', [], options));
    const { outcome, status } = await letter.replay();
    assert.deepEqual([outcome, status], ['FAILED', 'WAITING']);
    assert.match((await letter.describe()).story.at(-1)?.message ?? '', /worker|queue/i);
  });

  test('secrets reach neither the letter nor the log', async () => {
    const letter = letterOf(await call('leak'));
    const handle = get().client.workflow.getHandle(letter.id);
    const details = await handle.query('__temporal_workflow_metadata');
    const { record, story } = await letter.describe();
    const { memo, searchAttributes, raw } = await handle.describe();
    const shown = JSON.stringify([details, record, story, memo, searchAttributes]);
    assert.ok(shown.includes('[REDACTED]'));
    assert.ok(!shown.includes(SECRET), shown);
    const config = raw.executionConfig?.userMetadata;
    assert.ok(config?.summary?.data && config.details?.data);
    for (const { data } of [config.summary, config.details])
      assert.ok(!Buffer.from(data ?? []).includes(SECRET));
    const own = logLines.filter(({ message }) => !message.includes('Activity failed'));
    assert.ok(!JSON.stringify(own).includes(SECRET));
  });

  test('Markdown in an error does not break the page', async () => {
    const handle = get().client.workflow.getHandle(letterOf(await call('markdown')).id);
    const { executionConfig } = (await handle.describe()).raw;
    const summary = Buffer.from(executionConfig?.userMetadata?.summary?.data ?? []).toString();
    const details = JSON.parse(
      Buffer.from(executionConfig?.userMetadata?.details?.data ?? []).toString(),
    ) as string;
    assert.ok(summary.length > 2 && Buffer.byteLength(summary) <= 400, summary);
    assert.ok(!/^# head/m.test(details), details);
    assert.equal((details.match(/^```/gm) ?? []).length % 2, 0, details);
  });
});
