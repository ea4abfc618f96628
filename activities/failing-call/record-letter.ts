import { createHash } from 'node:crypto';
import { recordLetterWorkflowId } from '../../common/dead-letter/id.js';
import type { CallRecovery } from '../../common/failing-call/call-header.js';
import type { RecoverySettings } from '../settings.js';

/** The letter of a record: its id, and the hash in it. */
export function recordLetter(queue: string, operation: string, key: string) {
  const text = JSON.stringify([queue, operation, key]);
  const recordKey = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return { id: recordLetterWorkflowId(operation, recordKey), recordKey };
}

/** Name of the dead-letter queue of a call, and its operation. */
export function placeOf(
  activityType: string,
  recovery: CallRecovery | undefined,
  { rulebook, queue }: Pick<RecoverySettings, 'rulebook' | 'queue'>,
) {
  const operation = recovery?.operation ?? activityType;
  return {
    operation,
    queue: recovery?.queue ?? rulebook.operation({ activityType, operation })?.queue ?? queue,
  };
}
