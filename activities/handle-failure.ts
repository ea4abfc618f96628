import { Context, setActivityOptions } from '@temporalio/activity';
import { defaultPayloadConverter, RawValue, rawValueTypeInfo, type TypeInfo } from '@temporalio/common';
import { type NewDeadLetter, startDeadLetter } from '../client/dead-letters/start.js';
import { groupFingerprint } from '../common/dead-letter/group.js';
import { deadLetterWorkflowId } from '../common/dead-letter/id.js';
import type { ReplayLimits } from '../common/dead-letter/record.js';
import { ApiLinkerError, defaultRedactor, type ErrorJson } from '../common/errors/index.js';
import type {
  FailureDescription,
  HandleFailureRequest,
  HandleFailureResult,
} from '../common/failure-description.js';
import type { FailureDetail } from '../common/failure-detail.js';
import { findAttempt } from './find-attempt.js';
import type { RecoveryTelemetry } from './telemetry.js';

export interface HandleFailureOptions {
  /**
   * In `observe` no letter is written. It is asked nevertheless, by workflows whose history holds the plugin's marker
   * from a time when it was active.
   */
  readonly mode: 'recover' | 'observe';
  /** Task queue of the recovery worker. */
  readonly taskQueue: string;
  /** Name of the dead-letter queue. */
  readonly queue: string;
  readonly replay: ReplayLimits;
  readonly telemetry: RecoveryTelemetry;
}

/** More arguments than any activity has. Beyond it they would be decoded, which may fail. */
const EVERY_ARGUMENT_RAW: readonly TypeInfo[] = new Array(4096).fill(rawValueTypeInfo);

/** Makes `recovery.handleFailure`, the local activity that turns a failed activity into a dead letter. */
export function createHandleFailure(options: HandleFailureOptions) {
  async function handleFailure(rawRequest: RawValue, ...args: RawValue[]): Promise<RawValue> {
    const { client, info } = Context.current();
    const request = defaultPayloadConverter.fromPayload<HandleFailureRequest>(rawRequest.payload);
    if (options.mode === 'observe') {
      const { activityType, origin, retryState = 'unknown' } = request;
      options.telemetry.wouldDeadLetter({ activityType, workflowId: origin.workflowId, retryState });
      return new RawValue<HandleFailureResult>({ action: 'rethrow' });
    }
    try {
      const letter = await compose(request, args.length, info.namespace, options);
      await startDeadLetter(
        client,
        options.taskQueue,
        letter,
        args.map(({ payload }) => payload),
      );
      options.telemetry.deadLettered({
        id: letter.id,
        activityType: request.activityType,
        category: letter.error.errorCategory,
        queue: letter.queue,
      });
      return new RawValue<HandleFailureResult>({ action: 'deadLetter', deadLetterId: letter.id });
    } catch (fault) {
      // Thrown on: the local activity is retried until the letter is written.
      options.telemetry.fault('dead-lettering', fault);
      throw fault;
    }
  }
  setActivityOptions(
    { typeInfo: { inputTypes: EVERY_ARGUMENT_RAW, outputType: rawValueTypeInfo } },
    handleFailure,
  );
  return handleFailure;
}

async function compose(
  request: HandleFailureRequest,
  argumentCount: number,
  namespace: string,
  { queue, replay }: HandleFailureOptions,
): Promise<NewDeadLetter> {
  const { activityType, call, retryState } = request;
  const origin = { namespace, ...request.origin };
  const createdAt = new Date().toISOString();
  const { detail } = request.failure;
  const error = errorOf(request.failure, detail, createdAt);
  const seen = detail === undefined ? await findAttempt(Context.current().client, origin) : undefined;
  return {
    version: 1,
    id: deadLetterWorkflowId(origin, activityType),
    createdAt,
    queue,
    operation: activityType,
    group: groupFingerprint(activityType, error),
    activityType,
    origin,
    call,
    error,
    retryState,
    attemptCount: seen?.attempt ?? detail?.attempts,
    attempts: detail?.history ?? request.failure.history ?? [],
    scheduledAt: seen?.scheduledAt ?? detail?.scheduledAt,
    argumentCount,
    headers: request.headers,
    replay,
  };
}

function errorOf(
  failure: FailureDescription,
  detail: FailureDetail | undefined,
  timestamp: string,
): ErrorJson {
  if (detail !== undefined)
    return {
      ...detail.error,
      ...(failure.stack ? { stack: defaultRedactor.text(failure.stack.slice(0, 4_000)) } : {}),
    };
  return ApiLinkerError.fromException(failure, { timestamp }).toJSON();
}
