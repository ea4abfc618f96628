import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { eventually, logLines, useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';
import type * as workflows from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');

const refuse = (status = 422): never => {
  throw Object.assign(new Error(`refused with ${status}`), { status });
};

describe('what becomes of a call whose strategies are used up', () => {
  const backups: unknown[][] = [];
  let hanging = 0;
  const activities = {
    async refuse(..._: unknown[]) {
      refuse();
    },
    async refuseOnce(status: number) {
      refuse(status);
    },
    async priceOf() {
      refuse();
    },
    async backup(...args: unknown[]) {
      backups.push(args);
      return 'from the backup';
    },
    async brokenBackup() {
      refuse(409);
    },
    async hang() {
      hanging++;
      await Context.current().cancelled;
    },
  };
  const get = useHarness('ends', (h) =>
    h.startWorker({
      workflowsPath,
      activities,
      plugins: [
        h.plugin({
          categories: { CLIENT: { skipValue: 'skipped as configured' } },
          operations: {
            'price*': { fallback: { value: { price: 0 } } },
            backedUp: { fallback: { activity: 'backup' } },
            brokenBackup: { fallback: { activity: 'brokenBackup' }, queue: 'broken' },
            gone: { onExhausted: 'fail' },
          },
        }),
      ],
    }),
  );

  const run = async (name: keyof typeof workflows, ...args: unknown[]) => {
    const workflowId = get().id(`${name}-${Math.random()}`);
    const seen = (await get().client.workflow.execute(name, {
      workflowId,
      taskQueue: get().taskQueue,
      args,
    })) as Seen;
    return { seen, workflowId };
  };
  const call = async (activity: string, args: unknown[], recovery?: object) =>
    run('recoverCall', activity, args, { recovery });

  /** Events of the workflow, and as the UI shows them: the summaries of its events, and what its decisions say. */
  const historyOf = async (workflowId: string) => {
    const { events } = await get().client.workflow.getHandle(workflowId).fetchHistory();
    const summaries = (events ?? []).flatMap(({ userMetadata }) =>
      userMetadata?.summary?.data ? [JSON.parse(Buffer.from(userMetadata.summary.data).toString())] : [],
    );
    const says = (events ?? []).flatMap(({ markerRecordedEventAttributes: marker }) => {
      const data = marker?.details?.result?.payloads?.[0]?.data;
      return data ? [JSON.parse(Buffer.from(data).toString()).says] : [];
    });
    return { events: events ?? [], summaries, says };
  };

  test('a value of the plugin answers for an operation, and history says so', async () => {
    const { seen, workflowId } = await run('callOne', 'priceOf', []);
    assert.deepEqual(seen, { result: { price: 0 } });
    const { summaries, says } = await historyOf(workflowId);
    assert.equal(summaries.length, 1);
    assert.match(
      summaries[0],
      /^priceOf failed for good\. Its dead letter, where there is one: dead-letter\//,
    );
    assert.deepEqual(says, ['Fallback (value) answers for priceOf: VALIDATION 422 · refused with 422']);
    const logged = logLines.find(({ message }) => /a fallback answered/.test(message));
    assert.deepEqual(logged?.meta?.activityType, 'priceOf');
  });

  test('another activity answers, given the arguments and the error', async () => {
    const { seen, workflowId } = await call('refuse', ['a', { b: 2 }], { operation: 'backedUp' });
    assert.deepEqual(seen, { result: 'from the backup' });
    const [first, second, error] = backups.at(-1) as [
      string,
      object,
      { errorCategory: string; message: string },
    ];
    assert.deepEqual([first, second], ['a', { b: 2 }]);
    assert.deepEqual([error.errorCategory, error.message], ['VALIDATION', 'refused with 422']);
    const { summaries } = await historyOf(workflowId);
    assert.ok(summaries.includes('Fallback for refuse'), JSON.stringify(summaries));
  });

  test('a function of the workflow answers, given the same', async () => {
    const given = await run('recoverByFunction', 'refuse', 'given');
    assert.deepEqual(given.seen.result, { args: ['a', 2], category: 'VALIDATION', status: 422 });
    const { says } = await historyOf(given.workflowId);
    assert.match(says[0], /^Fallback \(of the call\) answers for refuse: VALIDATION 422/);
    const nested = await run('recoverByFunction', 'refuse', 'activity');
    assert.equal(nested.seen.result, 'from the backup');
  });

  test('a fallback that fails ends in one dead letter with both errors', async () => {
    for (const { seen, other, queue } of [
      {
        seen: (await call('refuse', ['x'], { operation: 'brokenBackup' })).seen,
        other: /CLIENT.* refused with 409/,
        queue: 'broken',
      },
      {
        seen: (await run('recoverByFunction', 'refuse', 'throws')).seen,
        other: /UNKNOWN.* no idea either/,
        queue: get().queue,
      },
    ]) {
      assert.equal(seen.error?.activityType, 'refuse');
      assert.equal(seen.error?.causeMessage, 'refused with 422');
      const letter = await get()
        .recovery.deadLetters.get(seen.deadLetterId ?? '')
        .describe();
      assert.equal(letter.record.error.message, 'refused with 422');
      assert.equal(letter.record.queue, queue);
      const { errorCategory, message } = letter.record.fallbackError ?? {};
      assert.match(`${errorCategory}: ${message}`, other);
    }
    // The failing fallback itself leaves no letter: the one there is belongs to the call.
    const letters = await eventually(async () => {
      const found = await get().recovery.deadLetters.list({ queue: 'broken' });
      return found.length > 0 && found;
    });
    assert.deepEqual(
      letters.map(({ operation }) => operation),
      ['brokenBackup'],
    );
  });

  test('FALLBACK without one anywhere is a dead letter, and told', async () => {
    const { seen } = await call('refuse', [], { strategies: ['FALLBACK'] });
    assert.ok(seen.deadLetterId);
    assert.ok(logLines.some(({ meta }) => /needs the option fallback/.test(String(meta?.message))));
  });

  test('a skipped call resolves to the skip value, undefined unless given', async () => {
    assert.deepEqual((await call('refuse', [], { strategies: 'SKIP' })).seen, { result: 'undefined' });
    assert.deepEqual((await call('refuse', [], { skipValue: null })).seen, { result: null });
    const { seen, workflowId } = await call('refuseOnce', [404]);
    assert.deepEqual(seen, { result: 'skipped as configured' });
    const { says } = await historyOf(workflowId);
    assert.match(says[0], /^Skips refuseOnce: CLIENT 404/);
  });

  test('fail: the failure goes on, and nothing is kept', async () => {
    for (const { seen } of [
      await call('refuse', [], { onExhausted: 'fail' }),
      await call('refuse', [], { operation: 'gone' }),
    ]) {
      assert.equal(seen.error?.causeMessage, 'refused with 422');
      assert.equal(seen.deadLetterId, undefined);
    }
  });

  test('a call says of categories what the plugin says otherwise', async () => {
    const { seen } = await call('refuseOnce', [404], {
      categories: { CLIENT: { fallback: { value: 'by category' } } },
      skipValue: 'of all',
    });
    assert.deepEqual(seen, { result: 'by category' });
  });

  test('one call says otherwise than its proxy', async () => {
    const { seen } = await run('recoverWithOptions', 'refuse');
    assert.deepEqual(seen, ['of the proxy', 'of the call', 'of the proxy']);
  });

  test('operation, queue and metadata are in the letter; secrets in metadata are not shown', async () => {
    const { seen } = await call('refuse', ['x'], {
      operation: 'sync',
      queue: 'special',
      metadata: { tenant: 'acme', apiKey: 'sk-1234567890abcdef' },
    });
    const { record } = await get()
      .recovery.deadLetters.get(seen.deadLetterId ?? '')
      .describe();
    assert.equal(record.operation, 'sync');
    assert.equal(record.queue, 'special');
    assert.deepEqual(record.metadata, { tenant: 'acme', apiKey: '[REDACTED]' });
  });

  test('recovery options cost a successful call no event', async () => {
    const counts = [];
    for (const name of ['callOne', 'recoverCall'] as const) {
      const { workflowId } = await run(name, 'backup', [], {
        recovery: { fallback: { value: 1 }, maxRetries: 2 },
      });
      counts.push((await historyOf(workflowId)).events.length);
    }
    assert.equal(counts[0], counts[1]);
  });

  test('a workflow cancelled while its fallback works sees a cancellation', async () => {
    const handle = await get().client.workflow.start('cancelFallback', {
      workflowId: get().id('cancel-fallback'),
      taskQueue: get().taskQueue,
    });
    await eventually(() => hanging > 0);
    await handle.cancel();
    assert.equal(await handle.result(), 'cancelled');
  });

  test('a fallback that no worker has is refused: by the plugin at start, by a call before it is made', async () => {
    const h = get();
    const start = (options: object) =>
      h.startWorker({ taskQueue: h.id('x'), workflowsPath, activities, plugins: [h.plugin(options)] });
    await assert.rejects(
      start({ operations: { a: { fallback: { activity: 'bakcup' } } } }),
      /operations\.a\.fallback\.activity: no activity "bakcup" on this worker; it has refuse, /,
    );
    const handle = await h.client.workflow.start('recoverCall', {
      workflowId: h.id('no-fallback'),
      taskQueue: h.taskQueue,
      args: ['refuse', [], { recovery: { fallback: { activity: 'bakcup' } } }],
    });
    const failed = await eventually(async () => {
      const { events } = await handle.fetchHistory();
      return events?.find(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes);
    });
    assert.match(
      failed.workflowTaskFailedEventAttributes?.failure?.message ?? '',
      /recovery\.fallback\.activity: no activity "bakcup"/,
    );
    await handle.terminate();
  });

  test('bad options of a call are refused where its proxy is made', async () => {
    for (const [recovery, expected] of [
      [{ strategies: 'RETRI' }, /proxyRecoverableActivities: recovery\.strategies: expected one of RETRY/],
      [{ categories: { X: 'RETRY' } }, /recovery\.categories\.X: unknown category; known are NETWORK/],
      [{ retries: 3 }, /recovery\.retries: unknown option; known here are maxRetries/],
      [{ metadata: 'x' }, /recovery\.metadata: expected an object/],
      [{ metadata: { x: 'y'.repeat(5000) } }, /recovery\.metadata: .*4000 bytes/],
      [{ queue: '' }, /recovery\.queue: expected a name/],
      [{ fallback: 3 }, /recovery\.fallback: expected a function, \{ value \}/],
    ] as const) {
      const { seen } = await run('badOptions', recovery);
      assert.match(String(seen), expected);
    }
  });
});
