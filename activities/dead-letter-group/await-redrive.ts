import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { RedriveHandle } from '../../client/redrive/handle.js';
import type { RedriveEnd } from '../../common/dead-letter-group/deploy.js';

/**
 * How a redrive has ended. Does not wait itself: its retries do.
 * @throws ApplicationFailure that is retried while the redrive runs; one that is not retried where it has no report
 */
export async function awaitRedrive(id: string): Promise<RedriveEnd> {
  const { client } = Context.current();
  const { status } = await client.workflow
    .getHandle(id)
    .describe()
    .catch((error) => {
      if (error instanceof WorkflowNotFoundError)
        throw ApplicationFailure.nonRetryable(`The redrive ${id} is not there any more`);
      throw error;
    });
  if (status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW') {
    throw ApplicationFailure.create({
      type: 'RedriveRuns',
      message: `The redrive ${id} runs`,
      category: ApplicationFailureCategory.BENIGN,
    });
  }
  if (status.name !== 'COMPLETED') {
    const why = await new RedriveHandle(client, id).result().then(
      () => status.name,
      (error) => (error.cause instanceof Error ? error.cause.message : error.message),
    );
    throw ApplicationFailure.nonRetryable(`The redrive ended as ${status.name}: ${why}`);
  }
  const report = await new RedriveHandle(client, id).result();
  const { total, replayed, failed, held, untouched, why } = report;
  return {
    ...{ status: report.status, total, replayed, left: failed + held + untouched },
    ...(why === undefined ? {} : { why }),
  };
}
