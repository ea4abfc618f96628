import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { RecoveryClient } from 'temporal-recovery/client';
import { cliOf } from '../cli/command-line.js';
import type * as workflows from '../failing-call/workflows.js';
import { ContextCodec } from '../support/context-codec.js';
import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('../failing-call/workflows.js');

describe('what is done with letters, where a codec binds payloads to their serialization context', () => {
  const mended = new Set<string>();
  const got: unknown[][] = [];
  const activities = {
    async write(key: string, ...rest: unknown[]) {
      if (!mended.has(key)) throw Object.assign(new Error('refused'), { status: 422 });
      got.push([key, ...rest]);
      return { wrote: key };
    },
  };
  const codec = new ContextCodec();
  const dataConverter = { payloadCodecs: [codec] };
  const get = useHarness(
    'context-operations',
    (h) => h.startWorker({ workflowsPath, activities, dataConverter }),
    { 'limit.historyCount.suggestContinueAsNew': '20' },
  );
  const client = () =>
    new Client({ connection: get().client.connection, namespace: get().namespace, dataConverter });
  const recovery = () => new RecoveryClient({ client: client(), taskQueue: get().recoveryTaskQueue });
  const call = (key: string, options?: object) =>
    client().workflow.start<typeof workflows.recoverCall>('recoverCall', {
      ...{ workflowId: get().id(key), taskQueue: get().taskQueue },
      args: ['write', [key, { secret: 1 }], options],
    });
  const letterOf = async (key: string) => (await (await call(key)).result()).deadLetterId ?? '';

  test('a parked call gets the answer of the replay of its letter, and that of a person', async () => {
    for (const key of ['parked', 'resolved']) {
      const handle = await call(key, { recovery: { onExhausted: 'park' } });
      const id = await eventually(async () => {
        const { raw } = await handle.describe();
        return raw.pendingChildren?.[0]?.workflowId ?? undefined;
      });
      const letter = recovery().deadLetters.get(id);
      await eventually(async () => (await letter.describe()).args.length === 2);
      if (key === 'parked') {
        mended.add(key);
        assert.equal((await letter.replay()).outcome, 'REPLAYED');
        assert.deepEqual(got.at(-1), [key, { secret: 1 }]);
        assert.match(JSON.stringify(await handle.result()), /"wrote":"parked"/);
      } else {
        await letter.resolve({ result: { by: 'hand' } });
        assert.match(JSON.stringify(await handle.result()), /"by":"hand"/);
      }
    }
  });

  test('redrives replay letters, with and without edits', async () => {
    const plain = await letterOf('plain');
    const edited = await letterOf('edited');
    mended.add('plain').add('edited');
    const report = await (await recovery().redrives.start({ ids: [plain] })).result();
    assert.equal(report.outcomes[0]?.outcome, 'REPLAYED', JSON.stringify(report));
    assert.deepEqual(got.at(-1), ['plain', { secret: 1 }]);
    const transform = { patch: [{ op: 'replace' as const, path: '/1/secret', value: 2 }] };
    const second = await (await recovery().redrives.start({ ids: [edited], transform })).result();
    assert.equal(second.outcomes[0]?.outcome, 'REPLAYED', JSON.stringify(second));
    assert.deepEqual(got.at(-1), ['edited', { secret: 2 }]);
  });

  test('a letter that has continued as new is described and replayed with its arguments', async () => {
    const letter = recovery().deadLetters.get(await letterOf('long'));
    for (let index = 0; index < 6; index++) await letter.replay({ by: 'ada' });
    await eventually(async () => {
      const { count } = await client().workflow.count(`WorkflowId = '${letter.id}'`);
      return count > 1;
    });
    assert.deepEqual((await letter.describe()).args, ['long', { secret: 1 }]);
    mended.add('long');
    assert.equal((await letter.replay()).outcome, 'REPLAYED');
    assert.deepEqual(got.at(-1), ['long', { secret: 1 }]);
  });

  test('a circuit breaker is ordered about, and goes on in a new run for each state', async () => {
    const breaker = recovery().breakers.get(get().id('breaker'));
    await breaker.forceOpen({ by: 'ada' });
    await eventually(async () => (await breaker.describe()).status === 'FORCED_OPEN');
    await breaker.reset({ by: 'ada' });
    await eventually(async () => (await breaker.describe()).status === 'CLOSED');
  });

  test('the command line shows, edits and replays with --data-converter', async () => {
    const h = get();
    const { address } = h.connectionOptions as { address: string };
    const where = ['--address', address, '--namespace', h.namespace];
    const converter = ['--data-converter', require.resolve('../support/context-converter.js')];
    const run = (args: string[]) => cliOf(h).run([...args, ...where, ...converter]);
    const id = await letterOf('cli');
    const shown = await run(['dlq', 'show', id]);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /"?cli"?/);
    mended.add('cli').add('cli-edited');
    const other = await letterOf('cli-2');
    const edited = await run(['dlq', 'edit', other, '--args', '["cli-edited"]']);
    assert.equal(edited.code, 0, edited.stderr);
    assert.deepEqual(got.at(-1), ['cli-edited']);
    const replayed = await run(['dlq', 'replay', id]);
    assert.equal(replayed.code, 0, replayed.stderr);
    assert.deepEqual(got.at(-1), ['cli', { secret: 1 }]);
  });

  test('nothing was coded without its context', () => {
    assert.equal(codec.withoutContext, 0);
  });
});
