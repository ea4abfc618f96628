import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeadLetterRecord } from 'temporal-recovery/client';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('letters that are held', () => {
  const calls: unknown[] = [];
  const get = useHarness('held-before', (h) =>
    h.startWorker({
      workflowsPath,
      activities: {
        async charge(name: string) {
          calls.push(name);
          if (callsOf(name) === 1) throw Object.assign(new Error('down'), { status: 422 });
          return `charged ${name}`;
        },
      },
    }),
  );
  const callsOf = (name: string) => calls.filter((each) => each === name).length;

  /** A letter as version 0.4.0 wrote it in an outage, or what looked like one. */
  const heldLetter = async (name: string, more: Partial<DeadLetterRecord>, otherArgs: unknown[] = []) => {
    const h = get();
    const { deadLetterId = '' } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id(name), taskQueue: h.taskQueue, args: ['charge', [name]] },
    });
    assert.equal(callsOf(name), 1);
    const { record } = await h.recovery.deadLetters.get(deadLetterId).state();
    const held = { ...record, held: { breaker: 'payments', afterMs: 100 }, ...more };
    const workflow = await h.client.workflow.signalWithStart('deadLetter', {
      ...{ workflowId: `${record.id}-held`, taskQueue: h.recoveryTaskQueue },
      ...{ args: [held, ...otherArgs], signal: 'arguments', signalArgs: [name] },
    });
    const letter = h.recovery.deadLetters.get(workflow.workflowId);
    const page = async () =>
      (await workflow.query<{ currentDetails?: string }, []>('__temporal_workflow_metadata')).currentDetails;
    return { letter, page, workflow };
  };

  test('by a version before 0.5.0, which nobody asked for, wait for a person and call nothing', async () => {
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
    assert.match(text, /nothing is replayed unless somebody asks for it/);
    assert.match(text, /has \*\*COMPLETED\*\* since/);
    // Whoever asks has it replayed, once.
    assert.deepEqual((await letter.replay({ by: 'ada' })).outcome, 'REPLAYED');
    assert.equal(callsOf('old'), 2);
  });

  test('are replayed by whoever asks while they are held for nobody', async () => {
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
});
