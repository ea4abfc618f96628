import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenLetterSurvey } from '../../client/dead-letter/open-letters.js';
import { eventually, useHarness } from '../support/harness.js';
import { makeLetters, Target } from './scene.js';

const workflowsPath = require.resolve('./workflows.js');
const get = useHarness('open-letters');

test('of many open letters the oldest is found, and the next one after it is closed', async () => {
  const h = get();
  await h.startWorker({ workflowsPath, activities: new Target().activities });
  await makeLetters(h, h.taskQueue, h.queue, 60);
  const survey = new OpenLetterSurvey(h.client, [h.queue]);
  const starts = async () => {
    const found: { id: string; at: number }[] = [];
    const query = `WorkflowType = 'deadLetter' AND RecoveryQueue = '${h.queue}' AND ExecutionStatus = 'Running'`;
    for await (const { workflowId, startTime } of h.client.workflow.list({ query }))
      found.push({ id: workflowId, at: startTime.getTime() });
    return found.sort((a, b) => a.at - b.at);
  };
  const look = async () => (await survey.take()).find(({ queue }) => queue === h.queue);
  const [first, second] = await starts();
  const before = await look();
  assert.equal(before?.letters, 60);
  isAbout(before.oldest, first?.at);
  isAbout((await look())?.oldest, first?.at);
  await h.recovery.deadLetters.get(first?.id ?? '').discard();
  const after = await eventually(async () => {
    const seen = await look();
    return seen?.letters === 59 && seen;
  });
  isAbout(after.oldest, second?.at);
});

/** To a second: the gauge has no finer unit. */
function isAbout(time: Date | undefined, expected = Number.NaN): void {
  const difference = Math.abs((time?.getTime() ?? Number.NaN) - expected);
  assert.ok(difference <= 1_000, `${time?.toISOString()} is ${difference} ms off`);
}
