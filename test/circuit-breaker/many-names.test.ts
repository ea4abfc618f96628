import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { eventually, useHarness } from '../support/harness.js';
import { breakers } from './views.js';

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** In a file, and so in a process, of its own: memory is measured. */
describe('any number of breakers', () => {
  const get = useHarness('many-names');

  test('100,000 names: bounded memory, and one of them that is open stays open and closes again', async () => {
    const h = get();
    await h.startWorker({
      workflowsPath: require.resolve('./workflows.js'),
      plugins: [h.plugin({ breaker: undefined })],
    });
    const slow = parseBreakerConfig({ openTime: 600_000 });
    const { made, use, fail, faults } = breakers(h.client, h.recoveryTaskQueue, { config: slow });
    const name = h.id('open');
    await fail(name, 5);
    await eventually(async () => (await h.recovery.breakers.get(name).describe()).status === 'OPEN');
    const visit = async (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        // One in a hundred has trouble: it is reported, looked for and followed, until its view is dropped.
        const { admitted } = await use(h.id(`tenant-${n}`), 'x', n % 100 === 0 ? 'failure' : 'success');
        assert.ok(admitted);
        // What a worker does beside its calls gets its turn.
        if (n % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await visit(0, 5_000);
    const before = heapUsed();
    await visit(5_000, 100_000);
    const after = heapUsed();
    assert.equal(made.size, 1_000);
    assert.ok(after - before < 20_000_000, `${after - before} bytes more for 95,000 names more`);
    const turnedAway = await use(name, `${name}-0`, 'success', false);
    assert.ok(!turnedAway.admitted && turnedAway.status === 'OPEN', JSON.stringify(turnedAway));
    await h.recovery.breakers.get(name).reset({ by: 'ada' });
    await eventually(async () => (await use(name, `${name}-1`, 'success', false)).admitted);
    await eventually(async () => (await h.recovery.breakers.get(name).describe()).status === 'CLOSED');
    assert.deepEqual(faults, []);
    await made.close();
  });
});
