import { Context, setActivityOptions } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import {
  ApplicationFailure,
  type Payload,
  RawValue,
  rawValueTypeInfo,
  type TypeInfo,
} from '@temporalio/common';
import { discardLetter } from '../../../client/dead-letter/discard.js';
import {
  addToRecordLetter,
  LetterRefusedError,
  type NewDeadLetter,
  recordOf,
  startDeadLetter,
} from '../../../client/dead-letter/start.js';
import { LETTER_REFUSED } from '../../../common/contract.js';
import { groupFingerprint } from '../../../common/dead-letter/group.js';
import { deadLetterWorkflowId } from '../../../common/dead-letter/id.js';
import { GroupDefault } from '../../../common/dead-letter-group/state.js';
import { ApiLinkerError, type ErrorJson } from '../../../common/errors/index.js';
import {
  type Decision,
  type FailureDescription,
  type HandleFailureRequest,
  type HandleFailureResult,
  type HandleFailuresResult,
  NO_ROOM,
} from '../../../common/failing-call/failure-description.js';
import { payloadFromJson } from '../../../common/payload/json-payload.js';
import { namespaceOf } from '../../namespace.js';
import type { RecoverySettings } from '../../settings.js';
import { classify } from '../classification.js';
import { placeOf } from '../record-letter.js';
import { runOfCall } from '../run-of-call.js';
import { isHopeless, writeBareLetter } from './bare-letter.js';
import { answeredBy, chooseEnd } from './choose-end.js';
import { composeLetter } from './compose-letter.js';
import { hasOutcome } from './letter-of-earlier-run.js';
import { letterOfRecord } from './letter-of-record.js';

/** Decisions are recorded in one payload of at most 2 MB, which a codec may make larger. */
const MAX_SHARED_BYTES = 1_000_000;

/**
 * Makes `recovery.handleFailure`, the local activity that decides what becomes of a failed activity, and writes its
 * dead letter, and `recovery.handleFailures`, which does so for several. In `observe` mode they do nothing: they are asked
 * nevertheless, by workflows whose history holds the plugin's marker from a time when it was active.
 */
export function createHandleFailure(settings: RecoverySettings) {
  async function handleFailure(json: string): Promise<RawValue | string> {
    return recorded(await decide(JSON.parse(json), settings));
  }
  async function handleFailures(json: string): Promise<RawValue | string> {
    const requests: HandleFailureRequest[] = JSON.parse(json);
    const decided = await Promise.allSettled(requests.map((request) => decide(request, settings)));
    const faults = decided.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    // A fault of server or network goes away: the same is tried again soon.
    if (faults.length === decided.length && !faults.some(isForGood)) throw faults[0];
    return recorded(thatFit(decided) satisfies HandleFailuresResult);
  }
  for (const activity of [handleFailure, handleFailures]) {
    if (RAW !== undefined) setActivityOptions({ typeInfo: { outputType: RAW } }, activity);
  }
  return { handleFailure, handleFailures };
}

function isForGood(fault: unknown): boolean {
  return fault instanceof ApplicationFailure && fault.nonRetryable === true;
}

function thatFit(decided: readonly PromiseSettledResult<HandleFailureResult>[]): HandleFailuresResult {
  let left = MAX_SHARED_BYTES;
  return decided.map((result) => {
    if (result.status === 'rejected') return null;
    const bytes = Buffer.byteLength(JSON.stringify(result.value));
    if (bytes > MAX_SHARED_BYTES) return null;
    if (bytes > left) return NO_ROOM;
    left -= bytes;
    return result.value;
  });
}

async function decide(asked: HandleFailureRequest, settings: RecoverySettings): Promise<HandleFailureResult> {
  return { ...(await decisionOn(asked, settings)), direct: true };
}

async function decisionOn(asked: HandleFailureRequest, settings: RecoverySettings): Promise<Decision> {
  if (settings.mode === 'observe') {
    const { activityType, origin, retryState = 'unknown' } = asked;
    settings.telemetry.wouldDeadLetter({ activityType, workflowId: origin.workflowId, retryState });
    return { action: 'rethrow' };
  }
  const payloads = asked.args.map(payloadFromJson);
  const request = await inItsRun(asked, settings);
  try {
    const { decision, error } = await handle(request, payloads, settings);
    countSilent(request, error, settings);
    return decision;
  } catch (fault) {
    settings.telemetry.fault('dead-lettering', fault);
    if (fault instanceof LetterRefusedError) {
      throw ApplicationFailure.nonRetryable(fault.message, LETTER_REFUSED);
    }
    // Thrown on: it is tried again until the letter is written.
    if (!isHopeless(fault)) throw fault;
    const letter = await writeBareLetter(request, payloads, settings);
    report(letter, request, settings);
    return { action: 'deadLetter', deadLetterId: letter.id };
  }
}

/** Undefined in SDKs before 1.24. */
const RAW: TypeInfo | undefined = rawValueTypeInfo;

/** A decision as it goes into history. A raw value, or a string where the user's converter has to carry it. */
function recorded(decision: HandleFailureResult | HandleFailuresResult): RawValue | string {
  return RAW === undefined ? JSON.stringify(decision) : new RawValue(decision);
}

/** The request with the run the call really ran in: a failure from before a reset has its letter already. */
async function inItsRun(
  request: HandleFailureRequest,
  { telemetry }: RecoverySettings,
): Promise<HandleFailureRequest> {
  if (!request.wasReset) return request;
  const { client, info } = Context.current();
  try {
    const runId = await runOfCall(client, { namespace: namespaceOf(info), ...request.origin });
    return { ...request, origin: { ...request.origin, runId } };
  } catch (fault) {
    telemetry.fault('dead-lettering', fault);
    throw fault;
  }
}

async function handle(
  request: HandleFailureRequest,
  args: readonly Payload[],
  settings: RecoverySettings,
): Promise<{ decision: Decision; error: ErrorJson }> {
  const error = errorOf(request.failure, request, settings);
  return { decision: await decisionFor(request, error, args, settings), error };
}

/** No attempt of the call has reported its error: it timed out, or its worker has no plugin. */
function countSilent(request: HandleFailureRequest, error: ErrorJson, settings: RecoverySettings): void {
  if (request.failure.detail !== undefined) return;
  const { info } = Context.current();
  const { operation } = placeOf(request.activityType, request.recovery, settings);
  settings
    .errorsOf(namespaceOf(info))
    ?.failed(new ApiLinkerError(error.message, error), { operation, taskQueue: info.taskQueue });
}

async function decisionFor(
  request: HandleFailureRequest,
  error: ErrorJson,
  args: readonly Payload[],
  settings: RecoverySettings,
): Promise<Decision> {
  const end = chooseEnd(request, error, settings);
  switch (end.action) {
    case 'fail':
      return { action: 'rethrow' };
    case 'skip':
    case 'fallback':
      return answeredBy(end, request.activityType, error, Context.current().client);
    case 'park':
      return park(request, error, args, end.timeout, settings);
    case 'deadLetter':
      return asItsGroup(request, error, args, settings);
  }
}

/** What a person has set for the next letters of the group, where somebody has. */
async function asItsGroup(
  request: HandleFailureRequest,
  error: ErrorJson,
  args: readonly Payload[],
  settings: RecoverySettings,
): Promise<Decision> {
  const { client } = Context.current();
  const { operation, queue } = placeOf(request.activityType, request.recovery, settings);
  const preset = await settings.groups.presetOf(client, { queue, group: groupFingerprint(operation, error) });
  if (preset.action === GroupDefault.PARK && !request.cannotPark)
    return park(request, error, args, undefined, settings);
  const isDiscarded = preset.action === GroupDefault.DISCARD;
  const { deadLetterId, isShared } = await deadLetter(request, error, args, isDiscarded, settings);
  // The letter of a record may have earlier failures of other causes.
  if (isDiscarded && !isShared) {
    await discardLetter(client, deadLetterId, preset).catch((fault) =>
      settings.telemetry.fault('discarding a letter of a group', fault),
    );
  }
  return { action: 'deadLetter', deadLetterId };
}

async function park(
  request: HandleFailureRequest,
  error: ErrorJson,
  args: readonly Payload[],
  timeoutMs: number | undefined,
  settings: RecoverySettings,
): Promise<Decision> {
  const { client, info } = Context.current();
  const letter = { ...(await letterOf(request, error, args, true, settings)), parked: true as const };
  const decision = { action: 'park' as const, taskQueue: settings.taskQueue, timeoutMs };
  const earlier = request.wasReset ? await hasOutcome(client, letter.id) : undefined;
  if (earlier) return { ...decision, record: await recordOf(client, letter), ofEarlierRun: true };
  // The id of one that ended without an outcome is taken.
  const { runId } = info.workflowExecution ?? request.origin;
  const id =
    earlier === false ? deadLetterWorkflowId({ ...letter.origin, runId }, letter.activityType) : letter.id;
  report({ ...letter, id }, request, settings);
  return { ...decision, record: await recordOf(client, { ...letter, id }) };
}

async function deadLetter(
  request: HandleFailureRequest,
  error: ErrorJson,
  args: readonly Payload[],
  isDiscarded: boolean,
  settings: RecoverySettings,
): Promise<{ readonly deadLetterId: string; readonly isShared: boolean }> {
  const { client } = Context.current();
  const letter = await letterOf(request, error, args, false, settings);
  const call = { activityType: request.activityType, operation: letter.operation };
  const shared = letterOfRecord(letter, call, args, client, settings);
  if (shared !== undefined && (await isAdded(client, shared, args, settings))) {
    report(shared, request, settings);
    return { deadLetterId: shared.id, isShared: true };
  }
  await startDeadLetter(client, settings.taskQueue, isDiscarded ? withoutHook(letter) : letter, args);
  report(letter, request, settings);
  return { deadLetterId: letter.id, isShared: false };
}

/** What the server refuses to add gets a letter of its own, which keeps less. */
async function isAdded(
  client: Client,
  letter: NewDeadLetter,
  args: readonly Payload[],
  settings: RecoverySettings,
): Promise<boolean> {
  try {
    await addToRecordLetter(client, settings.taskQueue, letter, args);
    settings.openRecords.opened(client, letter.id);
    return true;
  } catch (error) {
    if (!(error instanceof LetterRefusedError)) throw error;
    settings.telemetry.fault('adding a failure to the letter of its record', error);
    return false;
  }
}

function letterOf(
  request: HandleFailureRequest,
  error: ErrorJson,
  args: readonly Payload[],
  isParked: boolean,
  settings: RecoverySettings,
): Promise<NewDeadLetter> {
  const { fallbackFailure } = request;
  const fallbackError = fallbackFailure && errorOf(fallbackFailure, request, settings);
  return composeLetter(request, error, fallbackError, args, isParked, settings);
}

/** A person has said that nothing is to be done. */
function withoutHook({ onDeadLetter: _, ...letter }: NewDeadLetter): NewDeadLetter {
  return letter;
}

function report(
  letter: NewDeadLetter,
  { failure, call }: HandleFailureRequest,
  settings: RecoverySettings,
): void {
  const { id, activityType, queue, error } = letter;
  const { client, info } = Context.current();
  settings.telemetry.deadLettered({ id, activityType, category: error.errorCategory, queue });
  settings.letterWritten(client, queue);
  const build = failure.detail?.build ?? settings.buildOf(call.taskQueue);
  settings.groups.letterWritten(client, letter, build, info.taskQueue);
}

function errorOf(
  failure: FailureDescription,
  { activityType, recovery, origin }: HandleFailureRequest,
  settings: RecoverySettings,
): ErrorJson {
  const { detail, stack } = failure;
  if (detail !== undefined) {
    const { error } = detail;
    // Read from a failure anybody may have made: it is redacted and cut like any other.
    return ApiLinkerError.fromException(new ApiLinkerError(error.message, error), {
      ...error,
      stack: stack ?? error.stack ?? '',
      redactor: settings.redactor,
    }).toJSON();
  }
  const { workflowType, workflowId } = origin;
  const context = { activityType, operation: recovery?.operation ?? activityType, workflowType, workflowId };
  return classify(failure, context, settings, new Date().toISOString()).toJSON();
}
