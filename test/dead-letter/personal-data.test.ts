import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const CARD = '4111 1111 1111 1111';
const IBAN = 'DE89 3704 0044 0532 0130 00';

describe('personal data in a letter', () => {
  const get = useHarness('personal', async (h) => {
    const activities = {
      charge: async () => {
        throw Object.assign(new Error(`card ${CARD} declined`), { status: 422 });
      },
    };
    await h.startWorker({ workflowsPath, activities });
    await h.startWorker({
      ...{ workflowsPath, activities, taskQueue: h.id('shown'), connection: await h.connect() },
      plugins: [h.plugin({ redactPersonalData: false })],
    });
  });

  /** The record as JSON, and the page. */
  const letterOf = async (taskQueue: string): Promise<string[]> => {
    const h = get();
    const { deadLetterId = '' } = (await h.client.workflow.execute('callOne', {
      ...{ workflowId: `${taskQueue}-origin`, taskQueue, args: ['charge', [{ account: IBAN, cvv: '737' }]] },
    })) as Seen;
    const { record } = await h.recovery.deadLetters.get(deadLetterId).state();
    const page = await eventually(async () => {
      const { currentDetails = '' } = await h.client.workflow
        .getHandle(deadLetterId)
        .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
      return currentDetails.includes('account') && currentDetails;
    });
    assert.ok(!page.includes('737'), page);
    return [JSON.stringify(record), page];
  };

  test('is redacted unless the option says otherwise', async () => {
    const [record = '', page = ''] = await letterOf(get().taskQueue);
    for (const text of [record, page]) assert.ok(!text.includes(CARD) && !text.includes(IBAN), text);
  });

  test('stays with the option, in the record and on the page', async () => {
    const [record = '', page = ''] = await letterOf(get().id('shown'));
    assert.ok(record.includes(CARD), record);
    assert.ok(page.includes(IBAN), page);
  });
});
