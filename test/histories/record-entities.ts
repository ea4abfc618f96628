import { reportToGroup } from '../../client/dead-letter-group/entity.js';
import { groupWorkflowId } from '../../common/dead-letter-group/id.js';
import { analyticsWorkflowId } from '../../common/error-analytics/messages.js';
import { limitWorkflowId } from '../../common/limit/id.js';
import { eventually, type Harness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import type { Save } from './record-calls.js';

/** Groups of dead letters, the errors of the fleet, and limits, as a worker with all of them makes them. */
export async function recordEntities(h: Harness, save: Save): Promise<void> {
  const taskQueue = h.id('entities');
  const [queue, name] = [h.id('entities-letters'), h.id('entities-api')];
  let isMended = false;
  const { stop } = await h.startWorker({
    ...{ taskQueue, workflowsPath },
    activities: {
      async send(cause: string) {
        if (!isMended) throw Object.assign(new Error(`refused ${cause}`), { status: 422 });
      },
    },
    plugins: [
      h.plugin({
        ...{ queue, breaker: name, limits: { [name]: { calls: 5, per: '1 second' } } },
        alerts: { onGroup: () => undefined, onQueue: () => undefined, every: '1 second', maxLetters: 1 },
      }),
    ],
  });
  let calls = 0;
  const send = async (cause: string) => {
    const { deadLetterId } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: `${taskQueue}-${calls++}`, taskQueue, args: ['send', [cause]] },
    });
    return deadLetterId ?? '';
  };
  const groupOf = async (letter: string) => {
    const { record } = await h.recovery.deadLetters.get(letter).state();
    return h.recovery.groups.get(record.group, queue);
  };

  const group = await groupOf(await send('first'));
  await eventually(async () => (await group.describe()).letters === 1);
  await group.assign('team-billing', { by: 'ada' });
  await group.mute({ for: '1 day', letters: 100, by: 'ada' });
  await h.client.workflow.getHandle(group.workflowId).signal('setDefault', 'explode');
  await group.unmute({ by: 'ada' });
  await eventually(async () => (await group.describe()).status === 'OPEN');
  await save('group-open', group.workflowId);
  await group.resolve({ by: 'ada', reason: 'mended' });
  await send('first');
  await eventually(async () => (await group.describe()).status === 'REGRESSED');
  isMended = true;
  await group.redrive({ by: 'ada' });
  await eventually(async () => (await group.describe()).story.some(({ event }) => /redrive/.test(event)));
  await eventually(async () => (await h.recovery.deadLetters.count({ queue, status: 'REPLAYED' })) === 2);
  await save('group-redriven', group.workflowId);

  isMended = false;
  const waiting = await groupOf(await send('second'));
  await waiting.setDefault('replayAfterDeploy', { by: 'ada' });
  await eventually(async () => (await waiting.describe()).preset.action === 'replayAfterDeploy');
  await send('second');
  await eventually(async () => (await waiting.describe()).letters === 2);
  await save('group-waits-for-deploy', waiting.workflowId);

  const cause = { queue, group: 'idle', operation: 'send', category: 'CLIENT', pattern: 'idle' };
  const report = { v: 1, worker: 'a', sequence: 1, letters: 1, oldestMs: 0, newestMs: 0 } as const;
  await reportToGroup(h.client, h.recoveryTaskQueue, { ...cause, idleMs: 1_000 }, report);
  await h.client.workflow.getHandle(groupWorkflowId(cause)).result();
  await save('group-ended', groupWorkflowId(cause));

  const limit = h.recovery.limits.get(name);
  isMended = true;
  const more = Array.from({ length: 12 }, () => send('third'));
  await limit.set({ calls: 20, per: '1 second' }, { by: 'ada', expiresIn: '1 second' });
  await limit.set({ calls: 3, per: '1 second' }, { by: 'ada', key: 'tenant-7' });
  await Promise.all(more);
  await limit.clear({ by: 'ada', key: 'tenant-7' });
  await eventually(async () => (await limit.describe()).changes.length === 4);
  await stop();
  await save('limit-changed', limitWorkflowId(name));
  await save('errors-with-alerts', analyticsWorkflowId(h.recoveryTaskQueue));
}
