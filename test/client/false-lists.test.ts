import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { RecoveryClient } from 'temporal-recovery/client';
import { visibilityQuery } from '../../client/dead-letter/filter.js';
import { RepeatedListError } from '../../client/server/list-executions.js';
import { GrpcProxy } from '../support/grpc-proxy.js';
import { eventually, type Harness, useHarness, workflowsPath } from '../support/harness.js';
import { Visibility } from '../support/visibility.js';
import type { callOne } from '../support/workflows.js';

const refuse = async () => {
  throw Object.assign(new Error('HTTP 422'), { status: 422 });
};

describe('lists of a visibility that is wrong', () => {
  const get = useHarness('false-lists', setUp);
  const cleanup: (() => unknown)[] = [];
  let visibility: Visibility;
  let deceived: RecoveryClient;
  after(async () => {
    for (const step of cleanup.reverse()) await step();
  });

  const LETTERS = 4;

  async function setUp(h: Harness): Promise<void> {
    await h.startWorker({ workflowsPath, activities: { write: refuse } });
    for (let each = 0; each < LETTERS; each++) {
      await h.client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: h.id(`${each}`), taskQueue: h.taskQueue, args: ['write', []] as [string, []] },
      });
    }
    await eventually(async () => (await h.recovery.deadLetters.count({ queue: h.queue })) === LETTERS);
    visibility = new Visibility(h.client, visibilityQuery({ queue: h.queue }));
    const port = Number(h.connectionOptions.address?.split(':')[1]);
    const proxy = await GrpcProxy.listen(() => port, visibility);
    const connection = await Connection.connect({ address: proxy.address });
    const { namespace } = h;
    deceived = new RecoveryClient({ client: new Client({ connection, namespace }) });
    cleanup.push(
      () => visibility.close(),
      () => proxy.close(),
      () => connection.close(),
    );
  }

  test('a row that comes twice is one letter', async () => {
    const { queue } = get();
    visibility.begin('repeated');
    const letters = await deceived.deadLetters.list({ queue });
    const [group] = await deceived.deadLetters.groups({ queue });
    visibility.end();
    assert.equal(letters.length, LETTERS);
    assert.equal(new Set(letters.map(({ id }) => id)).size, LETTERS);
    assert.equal(group?.letters, LETTERS);
  });

  test('a page that comes again and again is an error, and no list without an end', async () => {
    const { queue } = get();
    visibility.begin('token');
    await assert.rejects(deceived.deadLetters.list({ queue }), RepeatedListError);
    visibility.end();
    assert.equal((await deceived.deadLetters.list({ queue })).length, LETTERS);
  });

  test('a letter that is closed between the list of open ones and that of closed ones is listed once', async () => {
    const h = get();
    const { queue } = h;
    const [letter] = await h.recovery.deadLetters.list({ queue, limit: 1 });
    const { workflow } = h.client;
    const service = h.client.workflowService;
    const list = service.listWorkflowExecutions.bind(service);
    let asked = 0;
    service.listWorkflowExecutions = (async (request: Parameters<typeof list>[0]) => {
      if (++asked === 2) {
        await h.recovery.deadLetters.get(letter?.id ?? '').discard({ by: 'test' });
        const closed = `WorkflowId = '${letter?.id}' AND ExecutionStatus = 'Completed'`;
        await eventually(async () => (await workflow.count(closed)).count === 1);
      }
      return list(request);
    }) as typeof service.listWorkflowExecutions;
    const letters = await h.recovery.deadLetters.list({ queue });
    service.listWorkflowExecutions = list as typeof service.listWorkflowExecutions;
    assert.ok(asked >= 2);
    const same = letters.filter(({ id }) => id === letter?.id);
    assert.deepEqual(
      same.map(({ status }) => status),
      ['DISCARDED'],
    );
    assert.equal(letters.length, LETTERS);
  });
});
