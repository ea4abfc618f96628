import { Context } from '@temporalio/activity';
import type { Payload } from '@temporalio/common';
import { type NewDeadLetter, startDeadLetter } from '../../../client/dead-letter/start.js';
import { groupFingerprint } from '../../../common/dead-letter/group.js';
import { deadLetterWorkflowId } from '../../../common/dead-letter/id.js';
import { ApiLinkerError } from '../../../common/errors/index.js';
import type { HandleFailureRequest } from '../../../common/failing-call/failure-description.js';
import { namespaceOf } from '../../namespace.js';
import type { RecoverySettings } from '../../settings.js';

/** A fault of our own that comes this often will not go away. */
const HOPELESS_FROM_ATTEMPT = 3;

const FAULTS_OF_CODE = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'ValueError'];

/**
 * Whether trying again is of no use: the same code would fail at the same input for ever, and the workflow would hang.
 * Faults of server and network are none of these, they go away.
 */
export function isHopeless(fault: unknown): boolean {
  const isOfCode = fault instanceof Error && FAULTS_OF_CODE.includes(fault.name);
  return isOfCode && Context.current().info.attempt >= HOPELESS_FROM_ATTEMPT;
}

/**
 * Writes the least that can be replayed: call, origin and arguments, with the failure's message. No rule is asked, since
 * anything that was read of the failure may be what cannot be handled.
 */
export async function writeBareLetter(
  { activityType, origin, call, retryState, failure }: HandleFailureRequest,
  args: readonly Payload[],
  { taskQueue, queue, redactor, replay, redaction }: RecoverySettings,
): Promise<NewDeadLetter> {
  const { client, info } = Context.current();
  const createdAt = new Date().toISOString();
  const error = ApiLinkerError.fromException(new Error(String(failure.message)), {
    timestamp: createdAt,
    redactor,
    errorType: String(failure.type ?? failure.name),
    stack: '',
  }).toJSON();
  const id = deadLetterWorkflowId(origin, activityType);
  const letter: NewDeadLetter = {
    ...{ version: 1, id, createdAt, queue, operation: activityType },
    group: groupFingerprint(activityType, error),
    ...{ activityType, origin: { namespace: namespaceOf(info), ...origin }, call, error, retryState },
    ...{ attempts: [], argumentCount: args.length, headers: {}, replay },
    ...redaction,
  };
  await startDeadLetter(client, taskQueue, letter, args);
  return letter;
}
