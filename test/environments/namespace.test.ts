import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { RecoveryClient, SearchAttributesNotRegisteredError } from 'temporal-recovery/client';
import { analyticsWorkflowId } from '../../common/error-analytics/messages.js';
import { eventually, logLines, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');

describe('a namespace without the search attributes', () => {
  const get = useHarness('namespace');

  test('has letters that can be replayed; lists say what to run', async () => {
    const h = get();
    const namespace = h.id('bare');
    const { connection } = h.client;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const client = new Client({ connection, namespace });
    const taskQueue = h.id('bare-queue');
    // The frontend learns of a new namespace a moment later.
    const handle = await eventually(() =>
      client.workflow.start<typeof callOne>('callOne', {
        workflowId: h.id('call'),
        taskQueue,
        args: ['reject', ['a']],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    );
    let broken = true;
    const worker = await h.startWorker({
      namespace,
      taskQueue,
      workflowsPath,
      activities: {
        async reject(text: string) {
          if (broken) throw ApplicationFailure.nonRetryable('rejected');
          return text;
        },
      },
    });
    const { deadLetterId = '' } = await handle.result();
    const recovery = new RecoveryClient({ client });
    const letter = recovery.deadLetters.get(deadLetterId);
    const { record, args } = await letter.describe();
    assert.deepEqual(record.searchAttributes, []);
    assert.deepEqual(args, ['a']);
    const command = await eventually(
      () =>
        logLines.find(
          ({ level, message, meta }) =>
            level === 'WARN' &&
            message.includes('search attributes are not registered') &&
            String(meta?.command).includes(namespace),
        )?.meta?.command as string | undefined,
    );
    assert.match(
      command,
      /^temporal operator search-attribute create .*--name RecoveryStatus --type Keyword/,
    );
    for (const list of [() => recovery.deadLetters.list(), () => recovery.deadLetters.count()]) {
      await assert.rejects(list, (error: unknown) => {
        assert.ok(error instanceof SearchAttributesNotRegisteredError);
        assert.equal(error.command, command);
        return error.message.includes(command);
      });
    }
    assert.equal((await letter.replay()).outcome, 'FAILED');
    broken = false;
    assert.equal((await letter.replay()).outcome, 'REPLAYED');
    // A list of letters by cause would be an error page.
    const errors = client.workflow.getHandle(analyticsWorkflowId(h.recoveryTaskQueue));
    const page = await eventually(async () => {
      const { currentDetails = '' } = await errors.query<{ currentDetails?: string }, []>(
        '__temporal_workflow_metadata',
      );
      return currentDetails.includes('Top causes') && currentDetails;
    });
    assert.match(page, /The search attribute `RecoveryGroup` is not registered.*`temporal-recovery setup`/);
    assert.match(page, /× `UNKNOWN · reject` · group `[0-9a-f]{13}` · `rejected`/);
    assert.doesNotMatch(page, /RecoveryGroup%3D/);
    await worker.stop();
  });
});
