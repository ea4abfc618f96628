import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type * as workflows from '../failing-call/workflows.js';
import { eventually, useHarness } from '../support/harness.js';

/** The server suggests a new run from so many events on; two replays make about as many. */
const EVENTS_OF_A_RUN = '20';

describe('a letter that lives through several runs', () => {
  const mended = new Set<string>();
  const activities = {
    async write(key: string, value: unknown) {
      if (!mended.has(key)) throw Object.assign(new Error(`refused ${key}`), { status: 422 });
      return { wrote: value };
    },
  };
  const get = useHarness(
    'long-life',
    (h) =>
      h.startWorker({
        workflowsPath: require.resolve('../failing-call/workflows.js'),
        activities,
        plugins: [
          h.plugin({
            queues: {
              short: { retention: '15s' },
              poison: { autoReplay: { delays: Array.from({ length: 20 }, () => 50), maxReplays: 12 } },
            },
          }),
        ],
      }),
    { 'limit.historyCount.suggestContinueAsNew': EVENTS_OF_A_RUN },
  );

  const runsOf = (id: string) =>
    eventually(async () => {
      const { count } = await get().client.workflow.count(`WorkflowId = '${id}'`);
      return count > 2 && count;
    });
  const callOf = (name: string, recovery: object) =>
    get().client.workflow.start<typeof workflows.recoverCall>('recoverCall', {
      workflowId: get().id(name),
      taskQueue: get().taskQueue,
      args: ['write', [name, { n: 1 }], { recovery }],
    });

  test('story, count and the original arguments stay, whatever was tried with edited ones', async () => {
    const handle = await callOf('plain', {});
    const letter = get().recovery.deadLetters.get((await handle.result()).deadLetterId ?? '');
    for (let index = 0; index < 8; index++) {
      const args = index % 2 === 0 ? [`edited-${index}`, 2] : undefined;
      assert.equal((await letter.replay({ by: `person-${index}`, args })).outcome, 'FAILED');
      assert.deepEqual((await letter.describe()).args, ['plain', { n: 1 }]);
    }
    await runsOf(letter.id);
    const { story, replays, status } = await letter.describe();
    assert.deepEqual([status, replays, story.length], ['WAITING', 8, 17]);
    assert.deepEqual(
      story.filter(({ event }) => event === 'replay-started').map(({ by, editedArgs }) => [by, editedArgs]),
      Array.from({ length: 8 }, (_, index) => [
        `person-${index}`,
        index % 2 === 0 ? `["edited-${index}",2]` : undefined,
      ]),
    );
    mended.add('plain');
    await letter.replay({ by: 'ada' });
    const outcome = await get().client.workflow.getHandle(letter.id).result();
    assert.deepEqual(outcome, { status: 'REPLAYED', by: 'ada', replays: 9, result: { wrote: { n: 1 } } });
  });

  test('a workflow that is parked gets its answer from a later run', async () => {
    const handle = await callOf('parked', { onExhausted: 'park' });
    const id = await eventually(async () => {
      const { pendingChildren } = (await handle.describe()).raw;
      return pendingChildren?.[0]?.runId ? (pendingChildren[0].workflowId ?? undefined) : undefined;
    });
    const letter = get().recovery.deadLetters.get(id);
    assert.deepEqual((await letter.describe()).args, ['parked', { n: 1 }]);
    for (let index = 0; index < 6; index++) await letter.replay({ args: ['edited', index] });
    await runsOf(id);
    assert.deepEqual((await letter.describe()).args, ['parked', { n: 1 }]);
    mended.add('parked');
    await letter.replay();
    assert.deepEqual(await handle.result(), { result: { wrote: { n: 1 } } });
  });

  test('it expires at the date it had from the beginning', async () => {
    const handle = await callOf('short', { queue: 'short' });
    const letter = get().recovery.deadLetters.get((await handle.result()).deadLetterId ?? '');
    for (let index = 0; index < 6; index++) await letter.replay();
    await runsOf(letter.id);
    const execution = get().client.workflow.getHandle(letter.id);
    const outcome = (await execution.result()) as { status: string };
    assert.equal(outcome.status, 'EXPIRED');
    const { record } = await letter.describe();
    const { closeTime } = await execution.describe();
    const lived = (closeTime?.getTime() ?? 0) - Date.parse(record.createdAt);
    assert.ok(lived >= 14_000 && lived < 25_000, `${lived} ms`);
  });

  test('automatic replays are counted over all runs', async () => {
    const handle = await callOf('poison', { queue: 'poison' });
    const letter = get().recovery.deadLetters.get((await handle.result()).deadLetterId ?? '');
    const { replays, story } = await eventually(async () => {
      const state = await letter.describe();
      return state.story.at(-1)?.event === 'gave-up' && state;
    });
    assert.equal(replays, 12);
    assert.match(story.at(-1)?.message ?? '', /After 12 replays/);
    await runsOf(letter.id);
  });
});
