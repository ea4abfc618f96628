import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
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
  const startWorker = async (
    name: string,
    options: RecoveryPluginOptions = {},
    dataConverter: DataConverter = {},
  ) => {
    const h = get();
    const plugins = [h.plugin({ runRecoveryWorker: name === 'with', ...options })];
    await h.startWorker({
      ...{ taskQueue: h.id(name), workflowsPath, activities, plugins, dataConverter },
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
      const without = await startWorker('without', { groups: false });
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

  const letterOf = async (taskQueue: string, id: string) => {
    const { deadLetterId } = await get().client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: `${taskQueue}-${id}`, taskQueue, args: ['refuse', ['blocked']] },
    });
    assert.ok(deadLetterId);
    return get().recovery.deadLetters.get(deadLetterId);
  };
  const faults = () => logLines.filter(({ message }) => /counting letters by group failed/.test(message));

  test('a group that was terminated comes again with the next letter', async () => {
    const h = get();
    const taskQueue = await startWorker('terminated', {
      queue: h.id('terminated-letters'),
      runRecoveryWorker: true,
    });
    const { group, queue } = (await (await letterOf(taskQueue, 'first')).state()).record;
    const run = () => readGroup(h.client, { queue, group });
    await eventually(async () => (await run())?.isRunning);
    await h.client.workflow.getHandle(h.recovery.groups.get(group, queue).workflowId).terminate();
    await letterOf(taskQueue, 'second');
    await eventually(async () => (await run())?.isRunning);
    assert.deepEqual(faults(), []);
  });

  test('a group that cannot be reported to costs no letter, and the fault is logged once', async () => {
    const h = get();
    const queue = h.id('blocked-letters');
    // As a codec whose key server is away: it fails with what only groups write.
    const codec: PayloadCodec = {
      encode: async (payloads) => {
        if (payloads.some(({ data }) => `${Buffer.from(data ?? [])}`.includes('"firstSeen"')))
          throw new Error('the key server is away');
        return payloads;
      },
      decode: async (payloads) => payloads,
    };
    const taskQueue = await startWorker(
      'blocked',
      { queue, runRecoveryWorker: true },
      { payloadCodecs: [codec] },
    );
    const letters = await Promise.all(['a', 'b', 'c'].map((id) => letterOf(taskQueue, id)));
    for (const letter of letters) assert.equal((await letter.state()).status, 'WAITING');
    const { group } = (await (await letterOf(taskQueue, 'd')).state()).record;
    await eventually(() => faults().length > 0);
    await letterOf(taskQueue, 'e');
    assert.equal(faults().length, 1);
    assert.equal(await readGroup(h.client, { queue, group }), undefined);
  });
});
