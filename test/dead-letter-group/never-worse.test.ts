import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readGroup } from '../../client/dead-letter-group/entity.js';
import type { RecoveryPluginOptions } from '../../worker/options/options.js';
import { eventually, logLines, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const LETTERS = 60;
const ROUNDS = 3;

describe('letters with and without groups', () => {
  const get = useHarness('group-cost');
  const word = (at: number) => [...`${at}`].map((digit) => 'abcdefghij'[Number(digit)]).join('');

  /** Milliseconds that a number of failing workflows take, some at a time. */
  const timeOf = async (taskQueue: string, round: string, causes: number) => {
    const h = get();
    const startedAt = performance.now();
    let next = 0;
    const lane = async () => {
      while (next < LETTERS) {
        const at = next++;
        const { deadLetterId } = await h.client.workflow.execute<typeof callOne>('callOne', {
          ...{ workflowId: `${taskQueue}-${round}-${at}`, taskQueue },
          args: ['refuse', [`${round} ${word(at % causes)}`]],
        });
        assert.ok(deadLetterId);
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
    return performance.now() - startedAt;
  };
  const activities = {
    refuse: async (name: string) => {
      throw Object.assign(new Error(`refused ${name.replaceAll(/\d/g, 'n')}`), { status: 422 });
    },
  };
  const startWorker = async (name: string, options: RecoveryPluginOptions = {}, withGroups = true) => {
    const h = get();
    const plugin = h.plugin({ runRecoveryWorker: name === 'with', ...options });
    // What the plugin would do without groups.
    if (!withGroups)
      Object.assign((plugin as unknown as { groups: object }).groups, { use: () => async () => undefined });
    await h.startWorker({
      ...{ taskQueue: h.id(name), workflowsPath, activities, plugins: [plugin] },
      connection: await h.connect(),
    });
    return h.id(name);
  };

  for (const [causes, most] of [
    [1, 1.5],
    [LETTERS, 2],
  ] as const) {
    test(`${LETTERS} letters of ${causes === 1 ? 'one cause' : 'as many causes'}: about the same time`, async (t) => {
      const withIt = await startWorker('with');
      const without = await startWorker('without', {}, false);
      await timeOf(withIt, 'warm', 1);
      await timeOf(without, 'warm', 1);
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < ROUNDS; round++) {
        const prefix = `${causes} r${word(round)}`;
        const [a, b] = [await timeOf(without, prefix, causes), await timeOf(withIt, prefix, causes)];
        best = Math.min(best, b / a);
        t.diagnostic(`without ${a.toFixed(0)} ms, with ${b.toFixed(0)} ms, ratio ${(b / a).toFixed(2)}`);
      }
      assert.ok(best < most, `ratio ${best}`);
    });
  }

  test('a group that cannot be read or reported to costs no letter, and the fault is logged once', async () => {
    const h = get();
    const { workflowService } = h.client;
    void workflowService;
    // The names of queue and group make the id; this one exists already and is none of ours.
    const taskQueue = await startWorker('blocked', { queue: h.id('blocked-letters') });
    const letterOf = async (id: string) => {
      const { deadLetterId } = await h.client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: `${taskQueue}-${id}`, taskQueue, args: ['refuse', ['blocked']] },
      });
      assert.ok(deadLetterId);
      return deadLetterId;
    };
    const first = await letterOf('first');
    const { group, queue } = (await h.recovery.deadLetters.get(first).state()).record;
    const found = await eventually(async () => (await readGroup(h.client, { queue, group }))?.runId);
    assert.ok(found);
    await h.client.workflow.getHandle(h.recovery.groups.get(group, queue).workflowId).terminate();
    await letterOf('second');
    await eventually(async () => (await readGroup(h.client, { queue, group }))?.isRunning);
    assert.deepEqual(
      logLines.filter(({ message }) => /counting letters by group failed/.test(message)),
      [],
    );
  });
});
