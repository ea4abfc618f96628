import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { limitWorkflowId } from '../../common/limit/id.js';
import type { Limit } from '../../common/limit/limit.js';
import { LimitRules } from '../../common/limit/rules.js';
import { cliOf } from '../cli/command-line.js';
import { useHarness } from '../support/harness.js';

const limit: Limit = { windows: [{ calls: 3, perMs: 1_000 }] };
const worker = '2026-01-01T00:00:00.000Z';

describe('a limit that no worker has asked for', () => {
  const get = useHarness('limit-unknown', (h) => h.startWorker({ activities: { push: async () => 0 } }));

  test('can be set, and the command line and the page say that it is not in use', async () => {
    const h = get();
    const name = h.id('misspelt');
    const { stdout } = await cliOf(h).run(['limit', 'set', name, '3/1s', '--by', 'ada']);
    assert.match(stdout, /Not in use: no worker has asked for this limit yet/);
    assert.match(stdout, /Configured +by no worker/);
    const shown = await h.recovery.limits.get(name).describe();
    assert.equal(shown.unknownToWorkers, true);
    const page = await h.client.workflow
      .getHandle(limitWorkflowId(name))
      .query<string>('__temporal_workflow_metadata');
    assert.match(JSON.stringify(page), /Not in use\*\*: no worker has asked/);
  });

  test('is in use once a worker asks, also with the same limit', () => {
    const rules = () => new LimitRules({ limit, configuredAt: new Date(0).toISOString() });
    assert.equal(rules().shown.unknownToWorkers, true);
    for (const configured of [limit, { windows: [{ calls: 4, perMs: 1_000 }] }]) {
      const asked = rules();
      asked.configure(configured, worker, 0);
      const { unknownToWorkers, conflictAt } = asked.shown;
      assert.deepEqual([unknownToWorkers, conflictAt], [undefined, undefined]);
    }
  });
});
