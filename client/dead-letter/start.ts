import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { RawValue } from '@temporalio/common';
import { ARGUMENTS_SIGNAL, DEAD_LETTER_WORKFLOW, FAILED_AGAIN_SIGNAL } from '../../common/contract.js';
import { searchAttributesOf } from '../../common/dead-letter/attributes.js';
import { failureFingerprint } from '../../common/dead-letter/failures.js';
import { details, summary } from '../../common/dead-letter/markdown.js';
import { memoOf } from '../../common/dead-letter/memo.js';
import type { DeadLetterRecord } from '../../common/dead-letter/record.js';
import { GrpcStatus, isNotFound } from '../server/grpc-status.js';
import { searchAttributesToWrite } from '../server/search-attributes.js';
import { listingClient, recoveryDataClient } from '../server/temporal-client.js';

/** Everything of a record but what only this module knows. */
export type NewDeadLetter = Omit<DeadLetterRecord, 'searchAttributes' | 'summary' | 'help'>;

/**
 * Starts the workflow of a dead letter, once: a letter that exists already, running or closed, is success.
 *
 * The arguments go as the input of a signal the workflow is started with. Beside the record in one input they
 * would not fit when they are as large as an activity's arguments may be.
 * @param taskQueue task queue of the recovery worker
 */
export async function startDeadLetter(
  client: Client,
  taskQueue: string,
  letter: NewDeadLetter,
  args: readonly Payload[],
): Promise<void> {
  try {
    await start(client, taskQueue, await recordOf(client, letter), args);
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    if (!isRefusal(error)) throw error;
    // Something the server will not take, whatever is tried again: search attributes it does not know after
    // all, or a record that is too large. The least that can be replayed is kept in any case.
    await start(client, taskQueue, forPeople(bareLetter(letter)), args).catch((again) => {
      if (again instanceof WorkflowExecutionAlreadyStartedError) return;
      throw isRefusal(again) ? new LetterRefusedError(again) : again;
    });
  }
}

/** The whole record of a letter, with the search attributes this server has. */
export async function recordOf(client: Client, letter: NewDeadLetter): Promise<DeadLetterRecord> {
  return forPeople({ ...letter, searchAttributes: await searchAttributesToWrite(client) });
}

/**
 * Starts the letter of a record, or adds a failure to the open one: the server does one of both, in one step. A failure
 * whose letter is closed by now, and which was reported before, is success.
 * @param letter with `recordKey`
 */
export async function addToRecordLetter(
  client: Client,
  taskQueue: string,
  letter: NewDeadLetter,
  args: readonly Payload[],
): Promise<void> {
  const record = await recordOf(client, letter);
  if (await wasReported(client, record)) return;
  try {
    await recoveryDataClient(client).workflow.signalWithStart(DEAD_LETTER_WORKFLOW, {
      ...startOptions(taskQueue, record),
      signal: FAILED_AGAIN_SIGNAL,
      signalArgs: [record, ...args.map((payload) => RawValue.fromPayload(payload))],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  } catch (error) {
    throw isRefusal(error) ? new LetterRefusedError(error) : error;
  }
}

async function wasReported(client: Client, record: DeadLetterRecord): Promise<boolean> {
  try {
    const { status, memo } = await listingClient(client).workflow.getHandle(record.id).describe();
    const { failures } = (memo?.deadLetter ?? {}) as { failures?: { known?: unknown } };
    const known = Array.isArray(failures?.known) ? failures.known : [];
    return status.name !== 'RUNNING' && known.includes(failureFingerprint(record));
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function start(
  client: Client,
  taskQueue: string,
  record: DeadLetterRecord,
  args: readonly Payload[],
): Promise<void> {
  await recoveryDataClient(client).workflow.signalWithStart(DEAD_LETTER_WORKFLOW, {
    ...startOptions(taskQueue, record),
    signal: ARGUMENTS_SIGNAL,
    signalArgs: args.map((payload) => RawValue.fromPayload(payload)),
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
  });
}

function startOptions(taskQueue: string, record: DeadLetterRecord) {
  return {
    ...{ workflowId: record.id, taskQueue, args: [record] as [DeadLetterRecord] },
    ...{ searchAttributes: searchAttributesOf(record), memo: memoOf(record) },
    ...{ staticSummary: summary(record), staticDetails: details(record) },
  };
}

function bareLetter(letter: NewDeadLetter): Omit<DeadLetterRecord, 'summary' | 'help'> {
  const { responseBody: _, stack: __, additionalContext: ___, ...error } = letter.error;
  return {
    ...letter,
    error: { ...error, additionalContext: {} },
    headers: {},
    attempts: [],
    searchAttributes: [],
  };
}

/** The record in reading order: what a person needs first, then what only a replay needs. */
function forPeople(letter: Omit<DeadLetterRecord, 'summary' | 'help'>): DeadLetterRecord {
  const { error, attemptCount, createdAt, origin, activityType } = letter;
  return {
    summary: summary(letter),
    help: HELP,
    ...{ error, attemptCount, createdAt, activityType, origin },
    ...letter,
  };
}

const HELP =
  'A dead letter: this activity failed for good and can be run again. The tab "User Metadata" tells its story and what ' +
  'can be done. To run it again: More Actions, Send a Signal, signal name replay, input {"by": "you", "reason": "why"}';

/** The server refuses a letter, also without all that can be left out. Trying again would not help. */
export class LetterRefusedError extends Error {
  override readonly name = 'LetterRefusedError';

  constructor(cause: unknown) {
    super(`The server refuses the dead letter: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Invalid, or larger than a message may be (which gRPC calls an exhausted resource). */
function isRefusal(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (code === GrpcStatus.INVALID_ARGUMENT) return true;
    if (code === GrpcStatus.RESOURCE_EXHAUSTED && /larger than|too large|size/i.test(at.message)) return true;
  }
  return false;
}
