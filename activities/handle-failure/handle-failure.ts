import { Context, setActivityOptions } from '@temporalio/activity';
import {
  ApplicationFailure,
  defaultPayloadConverter,
  type Payload,
  RawValue,
  rawValueTypeInfo,
  type TypeInfo,
} from '@temporalio/common';
import {
  LetterRefusedError,
  type NewDeadLetter,
  recordOf,
  startDeadLetter,
} from '../../client/dead-letters/start.js';
import { LETTER_REFUSED } from '../../common/contract.js';
import type { ErrorJson } from '../../common/errors/index.js';
import type {
  FailureDescription,
  HandleFailureRequest,
  HandleFailureResult,
} from '../../common/failure-description.js';
import { classify } from '../classification.js';
import type { RecoverySettings } from '../settings.js';
import { chooseEnd, recordAnswer } from './choose-end.js';
import { composeLetter } from './compose-letter.js';

/** More arguments than any activity has. Beyond it they would be decoded, which may fail. */
const EVERY_ARGUMENT_RAW: readonly TypeInfo[] = new Array(4096).fill(rawValueTypeInfo);

/**
 * Makes `recovery.handleFailure`, the local activity that decides what becomes of a failed activity, and writes its
 * dead letter. In `observe` mode it does nothing: it is asked nevertheless, by workflows whose history holds the
 * plugin's marker from a time when it was active.
 */
export function createHandleFailure(settings: RecoverySettings) {
  async function handleFailure(rawRequest: RawValue, ...args: RawValue[]): Promise<RawValue> {
    const request = defaultPayloadConverter.fromPayload<HandleFailureRequest>(rawRequest.payload);
    if (settings.mode === 'observe') {
      const { activityType, origin, retryState = 'unknown' } = request;
      settings.telemetry.wouldDeadLetter({ activityType, workflowId: origin.workflowId, retryState });
      return new RawValue<HandleFailureResult>({ action: 'rethrow' });
    }
    try {
      return new RawValue<HandleFailureResult>(
        await handle(
          request,
          args.map(({ payload }) => payload),
          settings,
        ),
      );
    } catch (fault) {
      settings.telemetry.fault('dead-lettering', fault);
      if (fault instanceof LetterRefusedError) {
        throw ApplicationFailure.nonRetryable(fault.message, LETTER_REFUSED);
      }
      // Thrown on: it is tried again until the letter is written.
      throw fault;
    }
  }
  setActivityOptions(
    { typeInfo: { inputTypes: EVERY_ARGUMENT_RAW, outputType: rawValueTypeInfo } },
    handleFailure,
  );
  return handleFailure;
}

async function handle(
  request: HandleFailureRequest,
  args: readonly Payload[],
  settings: RecoverySettings,
): Promise<HandleFailureResult> {
  const { client } = Context.current();
  const error = errorOf(request.failure, request, settings);
  const end = chooseEnd(request, error, settings);
  switch (end.action) {
    case 'fail':
      return { action: 'rethrow' };
    case 'skip':
    case 'fallback':
      return { action: end.action, answer: recordAnswer(end.answer, client), error };
    case 'park': {
      const letter = await letterOf(request, error, args.length, true, settings);
      const record = await recordOf(client, { ...letter, parked: true });
      tell(letter, settings);
      return { action: 'park', record, taskQueue: settings.taskQueue, timeoutMs: end.timeout };
    }
    case 'deadLetter':
      return { action: 'deadLetter', deadLetterId: await deadLetter(request, error, args, settings) };
  }
}

async function deadLetter(
  request: HandleFailureRequest,
  error: ErrorJson,
  args: readonly Payload[],
  settings: RecoverySettings,
): Promise<string> {
  const letter = await letterOf(request, error, args.length, false, settings);
  await startDeadLetter(Context.current().client, settings.taskQueue, letter, args);
  tell(letter, settings);
  return letter.id;
}

function letterOf(
  request: HandleFailureRequest,
  error: ErrorJson,
  argumentCount: number,
  isParked: boolean,
  settings: RecoverySettings,
): Promise<NewDeadLetter> {
  const { fallbackFailure } = request;
  const fallbackError = fallbackFailure && errorOf(fallbackFailure, request, settings);
  return composeLetter(request, error, fallbackError, argumentCount, isParked, settings);
}

function tell({ id, activityType, queue, error }: NewDeadLetter, settings: RecoverySettings): void {
  settings.telemetry.deadLettered({ id, activityType, category: error.errorCategory, queue });
  settings.letterWritten(Context.current().client, queue);
}

function errorOf(
  failure: FailureDescription,
  { activityType, recovery, origin }: HandleFailureRequest,
  settings: RecoverySettings,
): ErrorJson {
  const { detail, stack } = failure;
  if (detail !== undefined) {
    // Redacted before it is cut: half a secret is not recognised.
    return { ...detail.error, ...(stack ? { stack: settings.redactor.text(stack).slice(0, 4_000) } : {}) };
  }
  const { workflowType, workflowId } = origin;
  const context = { activityType, operation: recovery?.operation ?? activityType, workflowType, workflowId };
  return classify(failure, context, settings, new Date().toISOString()).toJSON();
}
