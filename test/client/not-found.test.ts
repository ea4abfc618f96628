// What the server says of a workflow that is not there, and of a namespace that it does not know (yet).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { describeOrigin } from '../../client/dead-letter/describe-origin.js';
import { isNotFound } from '../../client/server/grpc-status.js';
import { useHarness } from '../support/harness.js';

describe('not found', () => {
  const get = useHarness('not-found');
  const connections = async () => {
    const { connectionOptions } = get();
    return [await Connection.connect(connectionOptions), await get().connect()] as const;
  };

  test('is a workflow, and not a namespace that a server which has just started does not know yet', async (t) => {
    const { id, namespace } = get();
    const all = await connections();
    t.after(() => all[0].close());
    for (const connection of all) {
      for (const [where, expected] of [
        [namespace, true],
        [id('no-such-namespace'), false],
      ] as const) {
        const client = new Client({ connection, namespace: where });
        const execution = { workflowId: id('no-such-workflow') };
        const handle = client.workflow.getHandle(execution.workflowId);
        const { workflowService } = client;
        for (const [name, call] of [
          ['describe', () => handle.describe()],
          ['signal', () => handle.signal('x')],
          ['update', () => handle.executeUpdate('x')],
          ['raw', () => workflowService.describeWorkflowExecution({ namespace: where, execution })],
        ] as const) {
          await assert.rejects(call, (error: unknown) => {
            assert.equal(isNotFound(error), expected, `${connection.constructor.name}, ${name}: ${error}`);
            return true;
          });
        }
        const run = { ...execution, namespace: where, runId: '01a21b80-cfae-79d1-8125-aa24654cc26c' };
        assert.equal(await describeOrigin(client, run), expected ? 'gone' : 'unknown');
      }
    }
  });
});
