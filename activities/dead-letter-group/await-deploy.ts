import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { activityPollers } from '../../client/server/pollers.js';
import { type Deploy, type DeployQuestion, newBuilds } from '../../common/dead-letter-group/deploy.js';

/**
 * The builds that have taken the place of those that failed, on one of the task queues. The server knows them: workers in any
 * language say their build when they poll. Does not wait itself: its retries do.
 * @throws ApplicationFailure that is retried, while there are none
 */
export async function awaitDeploy({ taskQueues, failed, goneMs }: DeployQuestion): Promise<Deploy> {
  const { client } = Context.current();
  const queues = await Promise.all(taskQueues.map((taskQueue) => activityPollers(client, taskQueue)));
  if (failed.length === 0) {
    const baseline = [...new Set(queues.flat().map(({ build }) => build))].sort();
    if (baseline.length > 0) return { builds: [], baseline };
  }
  for (const pollers of queues) {
    const builds = newBuilds(pollers, failed, goneMs);
    if (builds !== undefined) return { builds };
  }
  throw ApplicationFailure.create({
    type: 'NotDeployed',
    message: `No worker of a build other than ${failed.join(', ') || '(none is known)'} runs on task queue ${taskQueues.join(', ')} alone`,
    category: ApplicationFailureCategory.BENIGN,
  });
}
