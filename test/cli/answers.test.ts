import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecoveryWorkerError } from '../../cli/answered.js';
import { askLetters } from '../../cli/commands/dlq/requests.js';
import { Output } from '../../cli/output/output.js';
import type { Session } from '../../cli/session.js';
import type { RequestOutcome } from '../../common/dead-letter/record.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import { cliOf } from './command-line.js';

describe('what the command line makes of answers', () => {
  const guarded = async (...args: unknown[]) => {
    if (args[0] !== 'good') throw Object.assign(new Error('rejected'), { status: 422 });
  };
  const get = useHarness('cli-answers', (h) =>
    h.startWorker({
      workflowsPath,
      activities: { guarded },
      plugins: [
        h.plugin({
          operations: { guarded: { breaker: h.id('breaker') } },
          breakers: { [h.id('breaker')]: {} },
        }),
      ],
    }),
  );

  test('edited arguments that a circuit breaker turns away are not replayed by themselves', async () => {
    const h = get();
    const { deadLetterId: id = '' } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id('held'), taskQueue: h.taskQueue, args: ['guarded', ['bad']] },
    });
    const breaker = h.recovery.breakers.get(h.id('breaker'));
    await eventually(() => breaker.describe());
    await breaker.forceOpen({ by: 'ada' });
    const { run } = cliOf(h);
    const edit = () => run(['dlq', 'edit', id, '--args', '["good"]']);
    const turnedAway = /^HELD .* not replayed: circuit breaker ".*" is open; send it again .*--force/;
    const edited = await edit();
    assert.equal(edited.code, 1, edited.stdout);
    assert.match(edited.stdout, turnedAway);
    const replayed = await run(['dlq', 'replay', id, '--args', '["good"]']);
    assert.equal(replayed.code, 1, replayed.stdout);
    const asItWas = await run(['dlq', 'replay', id]);
    assert.equal(asItWas.code, 0, asItWas.stdout);
    assert.match(asItWas.stdout, /^HELD .* replays automatically/);
    const heldAndEdited = await edit();
    assert.equal(heldAndEdited.code, 1, heldAndEdited.stdout);
    assert.match(heldAndEdited.stdout, turnedAway);
  });

  test('several letters: if missing answers are the only problem, that is the exit code', async () => {
    const { client, recovery, recoveryTaskQueue } = get();
    const session = { client, recovery, recoveryTaskQueue, output: new Output('json') } as Session;
    const exitCodeOf = async (...answers: (RequestOutcome | Error)[]) => {
      const ids = answers.map((_, at) => `dead-letter/${at}`);
      const { exitCode } = await askLetters(session, ids, async ({ id }) => {
        const answer = answers[ids.indexOf(id)];
        if (answer instanceof Error) throw answer;
        return answer;
      });
      return exitCode;
    };
    const nobody = new RecoveryWorkerError('nobody');
    const replayed: RequestOutcome = { outcome: 'REPLAYED', status: 'REPLAYED' };
    const failed: RequestOutcome = { outcome: 'FAILED', status: 'WAITING' };
    assert.equal(await exitCodeOf(nobody, nobody), 3);
    assert.equal(await exitCodeOf(replayed, nobody), 3);
    assert.equal(await exitCodeOf(failed, nobody), 1);
    assert.equal(await exitCodeOf(new Error('closed'), nobody), 1);
    assert.equal(await exitCodeOf(replayed, replayed), 0);
  });
});
