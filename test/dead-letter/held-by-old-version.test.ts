import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeadLetterRecord } from 'temporal-recovery/client';
import { redriveActivities } from '../../activities/redrive/index.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('letters that are held', () => {
  const calls: unknown[] = [];
  const charge = async (name: string) => {
    calls.push(name);
    if (callsOf(name) === 1) throw Object.assign(new Error('down'), { status: 422 });
    return `charged ${name}`;
  };
  const get = useHarness('held-before', (h) => h.startWorker({ workflowsPath, activities: { charge } }));
  const callsOf = (name: string) => calls.filter((each) => each === name).length;

  /** A letter as version 0.4.0 wrote it in an outage, or what looked like one. */
  const heldLetter = async (
    name: string,
    more: Partial<DeadLetterRecord>,
    taskQueue = get().recoveryTaskQueue,
  ) => {
    const h = get();
    const { deadLetterId = '' } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id(name), taskQueue: h.taskQueue, args: ['charge', [name]] },
    });
    assert.equal(callsOf(name), 1);
    const { record } = await h.recovery.deadLetters.get(deadLetterId).state();
    const held = { ...record, held: { breaker: 'payments', afterMs: 100 }, ...more };
    const workflow = await h.client.workflow.signalWithStart('deadLetter', {
      ...{ workflowId: `${record.id}-held`, taskQueue },
      ...{ args: [held], signal: 'arguments', signalArgs: [name] },
    });
    const letter = h.recovery.deadLetters.get(workflow.workflowId);
    const page = async () =>
      (await workflow.query<{ currentDetails?: string }, []>('__temporal_workflow_metadata')).currentDetails;
    return { letter, page, workflow };
  };

  test('by a version before 0.5.0, without a request, wait for a person and call nothing', async () => {
    const { letter, page } = await heldLetter('old', {});
    await eventually(async () => (await letter.state()).status === 'WAITING');
    assert.equal(callsOf('old'), 1);
    const { story, replays } = await letter.state();
    assert.deepEqual(
      story.map(({ event }) => event),
      ['dead-lettered', 'held', 'replay-skipped'],
    );
    assert.match(story[2]?.message ?? '', /held for circuit breaker "payments" by a version before 0\.5\.0/);
    assert.equal(replays, 0);
    const text = (await page()) ?? '';
    assert.match(text, /WAITING for a decision/);
    assert.match(text, /a letter is replayed only on request/);
    assert.match(text, /has \*\*COMPLETED\*\* since/);
    // Whoever asks has it replayed, once.
    assert.deepEqual((await letter.replay({ by: 'ada' })).outcome, 'REPLAYED');
    assert.equal(callsOf('old'), 2);
  });

  test('are replayed on request while no caller waits for them', async () => {
    const afterMs = 3_600_000;
    const { letter } = await heldLetter('asked', { held: { breaker: 'payments', afterMs } });
    assert.equal((await letter.state()).status, 'HELD');
    assert.equal((await letter.replay({ by: 'ada' })).outcome, 'REPLAYED');
    assert.equal(callsOf('asked'), 2);
  });

  test('because their operation says autoRelease are replayed, and their story says what became of the origin', async () => {
    const { letter, workflow } = await heldLetter('opted-in', { autoRelease: true });
    await workflow.result();
    const { status, story } = await letter.state();
    assert.equal(status, 'REPLAYED');
    assert.deepEqual(
      story.map(({ event, by, origin }) => [event, by, origin]),
      [
        ['dead-lettered', undefined, undefined],
        ['held', undefined, undefined],
        ['replay-succeeded', 'circuit breaker', 'completed'],
      ],
    );
    assert.equal(callsOf('opted-in'), 2);
  });

  test('because their caller waits are replayed', async () => {
    const { letter, workflow } = await heldLetter('parked', { parked: true });
    assert.equal(await workflow.result(), 'charged parked');
    assert.equal((await letter.state()).status, 'REPLAYED');
  });

  for (const [name, more, status] of [
    ['upgraded', {}, 'WAITING'],
    ['upgraded-parked', { parked: true }, 'REPLAYED'],
    ['upgraded-asked', {}, 'REPLAYED'],
  ] as const) {
    test(`whose call an older version had scheduled are ${status} after the upgrade: ${name}`, async () => {
      const h = get();
      const recoveryQueue = h.id(`recovery-of-${name}`);
      const recoveryWorker = async (isOld: boolean) =>
        h.startWorker({
          ...{ taskQueue: recoveryQueue, workflowsPath: undefined, plugins: [] },
          workflowBundle: await recoveryBundle(),
          activities: redriveActivities,
          patchActivationCallback: ({ patchId }) => !isOld || patchId !== 'temporal-recovery/looks-at-origin',
        });
      const old = await recoveryWorker(true);
      const call = { taskQueue: h.id(`nobody-yet-${name}`), startToCloseTimeoutMs: 10_000 };
      const { letter, workflow } = await heldLetter(name, { ...more, call }, recoveryQueue);
      // No worker takes its call before the upgrade.
      await eventually(async () => (await workflow.describe()).raw.pendingActivities?.length === 1);
      const { events = [] } = await workflow.fetchHistory();
      assert.ok(
        !events?.some(({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_patch'),
      );
      if (name === 'upgraded-asked') assert.equal((await letter.replay({ by: 'ada' })).outcome, 'HELD');
      await old.stop();
      await recoveryWorker(false);
      await h.startWorker({ taskQueue: call.taskQueue, workflowsPath, activities: { charge } });
      await eventually(async () => (await letter.state()).status === status);
      assert.equal(callsOf(name), status === 'WAITING' ? 1 : 2);
    });
  }
});
