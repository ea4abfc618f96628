import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Context } from '@temporalio/activity';
import { failing, http } from 'temporal-recovery/testing';
import type { Activities } from '../../examples/country-sync/activities.js';
import { type Country, loadCountries } from '../../examples/country-sync/country.js';
import type { SyncProgress } from '../../examples/country-sync/workflows.js';
import { useHarness } from '../support/harness.js';
import { withKit } from '../testing/with-kit.js';

const harness = useHarness('country-sync');

test('example: the sync goes on past bad records, whose letters are replayed once the target is mended', async () => {
  const h = harness();
  const written: string[] = [];
  const writeCountry = failing(async ({ cca3 }: Country) => {
    written.push(cca3);
    return { attempts: Context.current().info.attempt };
  }).everyNth(7, http(422));
  const activities: Activities = {
    readPage: failing({ page: 1, pages: 1, total: 21, countries: loadCountries(21) })
      .times(1)
      .with(http(503)),
    writeCountry,
  };
  const workflowsPath = require.resolve('../../examples/country-sync/workflows.js');
  const workflowId = h.id('sync');
  await withKit(h, { workflowsPath, activities }, async (recovery) => {
    const progress: SyncProgress = await h.client.workflow.execute('countrySync', {
      ...{ workflowId, taskQueue: recovery.taskQueue },
    });
    assert.deepEqual([progress.read, progress.writtenAtFirstAttempt, progress.failed.length], [21, 18, 3]);
    const expected = { workflowId, operation: 'writeCountry', count: 3 } as const;
    const letters = await recovery.expectDeadLetter({ ...expected, category: 'VALIDATION' });
    assert.deepEqual(
      letters.map(({ id }) => id).sort(),
      progress.failed.map(({ deadLetter }) => deadLetter).sort(),
    );
    writeCountry.mend();
    for (const { handle } of letters) await handle.replay({ by: 'test' });
    await recovery.expectDeadLetter({ ...expected, status: 'REPLAYED' });
    assert.equal(new Set(written).size, 21);
  });
});
