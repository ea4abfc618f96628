// The page of a letter links to the circuit breaker of its call, whether that was open or not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { searchLink } from '../../common/text/markdown.js';
import { cliOf } from '../cli/command-line.js';
import { useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';

const workflowsPath = require.resolve('../failing-call/workflows.js');

describe('the circuit breaker of a letter', () => {
  const refuse = async () => {
    throw Object.assign(new Error('unknown country'), { status: 422 });
  };
  const get = useHarness('breaker-links', (h) =>
    h.startWorker({
      workflowsPath,
      activities: {
        ...{ refuse, unguarded: refuse },
        /** Its second attempt never answers. */
        stuck: async () => {
          if (Context.current().info.attempt === 1) throw Object.assign(new Error('down'), { status: 503 });
          await Context.current().cancelled;
        },
      },
      plugins: [
        h.plugin({
          breaker: undefined,
          operations: {
            unguarded: { breaker: false },
            named: { breaker: (_: string, [tenant]: readonly string[]) => `tenant:${tenant}` },
            stuck: { breaker: 'stuck-api', retryDelay: 1 },
          },
        }),
      ],
    }),
  );
  let calls = 0;
  const fail = async (activity: string, args: unknown[], options: object = {}, workflow = 'recoverCall') => {
    const { client, taskQueue, id, recovery } = get();
    const seen = (await client.workflow.execute(workflow, {
      ...{ workflowId: id(`call-${calls++}`), taskQueue, args: [activity, args, options] },
    })) as Seen;
    const { record } = await recovery.deadLetters.get(seen.deadLetterId ?? '').describe();
    return record;
  };
  /** As the UI shows it. */
  const pageOf = async (letter: string): Promise<string> => {
    const { raw } = await get().client.workflow.getHandle(letter).describe();
    const { userMetadata } = raw.executionConfig ?? {};
    return defaultPayloadConverter.fromPayload<string>(userMetadata?.details as Payload);
  };

  test('is on its page and in dlq show, also if it is closed', async () => {
    const record = await fail('refuse', []);
    const name = `${get().taskQueue}/refuse`;
    assert.equal(record.held, undefined);
    assert.equal(record.breaker, name);
    const link = `- **Circuit breaker**: ${searchLink(get().namespace, `circuit-breaker/${name}`)}`;
    assert.ok((await pageOf(record.id)).includes(link));
    const { stdout } = await cliOf(get()).run(['dlq', 'show', record.id]);
    assert.ok(stdout.includes(`Breaker`) && stdout.includes(name), stdout);
  });

  test('is that of the arguments where these choose it', async () => {
    const { breaker } = await fail('refuse', ['a"b'], { recovery: { operation: 'named' } });
    assert.equal(breaker, 'tenant:a"b');
  });

  test('is that of the last attempt that answered where the server ends the call', async () => {
    const record = await fail('stuck', [], { scheduleToCloseTimeout: '2s' });
    assert.equal(record.error.errorCategory, 'TIMEOUT');
    assert.equal(record.breaker, 'stuck-api');
  });

  test('is on no page where none guards the call: breaker false, and local activities', async () => {
    for (const record of [await fail('unguarded', []), await fail('refuse', [], {}, 'recoverLocalCall')]) {
      assert.equal(record.breaker, undefined);
      assert.doesNotMatch(await pageOf(record.id), /Circuit breaker/);
    }
  });
});
