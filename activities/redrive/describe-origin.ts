import { Context } from '@temporalio/activity';
import { describeOrigin as describe, type OriginRun } from '../../client/dead-letter/describe-origin.js';
import type { OriginStatus } from '../../common/dead-letter/origin-status.js';

/** What became of the workflow a letter came from; a local activity of the letter. */
export function describeOrigin(run: OriginRun): Promise<OriginStatus> {
  const { client, cancellationSignal } = Context.current();
  return describe(client, run, [cancellationSignal]);
}
