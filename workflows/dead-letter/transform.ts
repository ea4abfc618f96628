import { ActivityFailure, defaultPayloadConverter, type Payload, RawValue } from '@temporalio/common';
import { patched, scheduleActivity } from '@temporalio/workflow';
import type { DeadLetterRecord } from '../../common/dead-letter/record.js';
import { encodingOf, isReadable } from '../../common/payload/encoding.js';
import { isTooDeep, MAX_JSON_DEPTH } from '../../common/payload/json-depth.js';
import { PatchDoesNotFitError, patchArguments } from '../../common/redrive/apply-patch.js';
import type { ArgumentsTransform, JsonPatchOperation } from '../../common/redrive/types.js';
import { failedThen, wasMarked } from '../messages/undecodable.js';
import { perWorkflow } from '../sdk/private-state.js';

/** Arguments that could not be made; the letter stays as it is. */
export class TransformError extends Error {
  override readonly name = 'TransformError';
}

/**
 * The arguments of a replay, made of the original ones.
 * @throws TransformError with a message for a person
 */
export async function transformArguments(
  record: DeadLetterRecord,
  args: readonly Payload[],
  { patch, activity, taskQueue }: ArgumentsTransform,
): Promise<Payload[]> {
  if (patch !== undefined) return patchedArguments(args, patch);
  return askActivity(record, args, activity ?? '', taskQueue ?? record.call.taskQueue);
}

/** Patch: an edit that failed for a worker without the right codec stays failed, and one that did not is not done by it. */
const EDITS_STAY = 'temporal-recovery/edits-stay';

/** Asked before a local activity: right after one `patched` may not know its own marker. */
export const editsStay = (): boolean => patched(EDITS_STAY);

/** @throws TransformError what `make` throws, and what it threw when the edit was first done */
function settled(data: readonly Payload[], isRead: boolean, make: () => Payload[]): Payload[] {
  if (!editsStay()) return make();
  const id = `edit-${counts().edits++}`;
  let made: Payload[] | undefined;
  let problem = new TransformError(`The arguments could not be edited: ${NO_CODEC}`);
  try {
    made = make();
  } catch (error) {
    if (!(error instanceof TransformError)) throw error;
    problem = error;
  }
  const failed = failedThen(made === undefined && !isRead, data, id);
  if (made === undefined || failed) throw problem;
  return made;
}

/** Stands in the JSON for an argument that is not JSON, so that a patch of the others leaves it as it came. */
const OPAQUE = 'temporal-recovery/opaque-argument';
const JSON_ENCODING = 'json/plain';

/** Transforms in this run, a number for each answer of a codec that decides on one; the same of edits. */
const counts = perWorkflow(() => ({ transforms: 0, edits: 0 }));

const NO_CODEC = 'no codec of the recovery worker can read them; give it the data converter of the workers';

function patchedArguments(args: readonly Payload[], patch: readonly JsonPatchOperation[]): Payload[] {
  if (wasMarked(args, `patched-${counts().transforms++}`)) {
    throw new TransformError(`The arguments cannot be edited: ${NO_CODEC}`);
  }
  const isRead = args.every((payload) => encodingOf(payload) === JSON_ENCODING);
  return settled(args, isRead, () => withPatch(args, patch));
}

function withPatch(args: readonly Payload[], patch: readonly JsonPatchOperation[]): Payload[] {
  const readable = args.map((payload, index) =>
    encodingOf(payload) === JSON_ENCODING
      ? defaultPayloadConverter.fromPayload(payload)
      : { [OPAQUE]: index },
  );
  try {
    return patchArguments(readable, patch).map((value) => {
      const index = (value as { [OPAQUE]?: number } | null)?.[OPAQUE];
      return (index === undefined ? undefined : args[index]) ?? defaultPayloadConverter.toPayload(value);
    });
  } catch (error) {
    if (error instanceof PatchDoesNotFitError) throw new TransformError(error.message);
    throw error;
  }
}

/** A mapping is quick, and is tried a few times: who wants it otherwise maps the arguments before. */
async function askActivity(
  record: DeadLetterRecord,
  args: readonly Payload[],
  activity: string,
  taskQueue: string,
): Promise<Payload[]> {
  let result: RawValue;
  try {
    result = await scheduleActivity<RawValue>(
      activity,
      args.map((payload) => RawValue.fromPayload(payload)),
      {
        taskQueue,
        startToCloseTimeout: '1 minute',
        scheduleToStartTimeout: record.replay.scheduleToStartTimeoutMs,
        retry: {
          maximumAttempts: 3,
          nonRetryableErrorTypes: ['NotFoundError', 'ActivityNotRegisteredError'],
        },
        summary: 'Makes the arguments of the replay',
      },
    );
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = error.cause?.message ?? error.message;
    throw new TransformError(`Activity ${activity} on task queue ${taskQueue} gave no arguments: ${why}`);
  }
  if (wasMarked([result.payload], `transformed-${counts().transforms++}`)) {
    throw new TransformError(`The arguments that activity ${activity} gave cannot be used: ${NO_CODEC}`);
  }
  return settled([result.payload], isReadable(result.payload), () => argumentsFrom(result.payload, activity));
}

function argumentsFrom(result: Payload, activity: string): Payload[] {
  const made = readable(result);
  if (!Array.isArray(made)) {
    throw new TransformError(`Activity ${activity} must return an array with all arguments, as JSON`);
  }
  if (isTooDeep(made)) {
    throw new TransformError(
      `Activity ${activity} returned arguments that are nested deeper than the ${MAX_JSON_DEPTH} levels allowed`,
    );
  }
  return made.map((value) => defaultPayloadConverter.toPayload(value));
}

function readable(payload: Payload): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return undefined;
  }
}
