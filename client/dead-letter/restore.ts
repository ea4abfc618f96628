import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { type Payload, RawValue } from '@temporalio/common';
import { ARGUMENTS_SIGNAL, DEAD_LETTER_WORKFLOW } from '../../common/contract.js';
import { searchAttributesOf } from '../../common/dead-letter/attributes.js';
import { bounded, type CarriedOver } from '../../common/dead-letter/carried-over.js';
import { failureFingerprint } from '../../common/dead-letter/failures.js';
import { details, summary } from '../../common/dead-letter/markdown.js';
import { memoOf } from '../../common/dead-letter/memo.js';
import type {
  DeadLetterRecord,
  DeadLetterState,
  DeadLetterStatus,
  RestoreOutcome,
  StoryEntry,
} from '../../common/dead-letter/record.js';
import { redactorOf } from '../../common/dead-letter/record-redaction.js';
import { RESTORABLE_STATUSES, statusOf } from '../../common/dead-letter/status.js';
import { payloadBytes } from '../../common/payload/payload-size.js';
import { oneLine } from '../../common/text/text.js';
import { readPayloads } from '../codecs/read-payloads.js';
import { DeadLetterNotFoundError, InvalidRequestError } from '../errors.js';
import { listingClient, recoveryDataClient } from '../server/temporal-client.js';
import { argumentPayloads } from './arguments.js';
import { readState } from './read-state.js';
import { recordOf } from './start.js';

/** Beside record and story in one input; more comes as a signal with the start. */
const MAX_INLINE_BYTES = 1_000_000;

interface Attribution {
  readonly by?: string;
  readonly reason?: string;
}

/** Starts a closed letter again under its id, in a new run. @throws as `DeadLetterHandle.restore` */
export async function restoreDeadLetter(
  client: Client,
  id: string,
  attribution: Attribution,
): Promise<RestoreOutcome> {
  const last = await listingClient(client).workflow.getHandle(id).describe();
  if (last.type !== DEAD_LETTER_WORKFLOW) throw new DeadLetterNotFoundError(id);
  if (last.status.name === 'RUNNING') throw isOpen(id);
  const state = await readState(client, id, last.runId);
  const status = statusOf(state.status, last.status.name);
  if (!RESTORABLE_STATUSES.includes(status)) {
    throw new InvalidRequestError(
      `restore: dead letter "${id}" is ${status}, its work is done; letters that are ${RESTORABLE_STATUSES.join(', ')} can be restored`,
    );
  }
  const args = await originalArguments(client, id, state.record.argumentCount);
  const record = await waitingRecord(client, state.record);
  try {
    await start(client, last.taskQueue, record, carriedOver(state, status, attribution), args);
  } catch (error) {
    // Somebody else was faster.
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw isOpen(id);
    throw error;
  }
  return { outcome: 'RESTORED', status: 'WAITING' };
}

function isOpen(id: string): InvalidRequestError {
  return new InvalidRequestError(
    `restore: dead letter "${id}" is open already; replay, resolve or discard it`,
  );
}

async function originalArguments(client: Client, id: string, count: number): Promise<Payload[]> {
  const encoded = count === 0 ? [] : await argumentPayloads(client, id);
  if (encoded.length === count) return readPayloads(client, encoded);
  throw new InvalidRequestError(
    `restore: the history of dead letter "${id}" has ${encoded.length} of its ${count} arguments, so it cannot be replayed; start the work again from its workflow`,
  );
}

/** No caller waits for it any more and no breaker holds it: its caller has its answer. */
function waitingRecord(client: Client, record: DeadLetterRecord): Promise<DeadLetterRecord> {
  const { held: _, parked: __, ...rest } = record;
  return recordOf(client, rest);
}

function carriedOver(
  { record, story, replays, origin, failures }: DeadLetterState,
  status: DeadLetterStatus,
  { by, reason }: Attribution,
): CarriedOver {
  const redactor = redactorOf(record);
  const clean = (text: string | undefined) => (text === undefined ? undefined : oneLine(redactor.text(text)));
  const entry: StoryEntry = {
    ...{ at: new Date().toISOString(), event: 'restored', by: clean(by), reason: clean(reason) },
    message: `it was ${status}`,
  };
  // Its notice was sent, and its automatic replays are over: it waits for a person.
  return bounded({
    ...{ story: [...story, entry], replays, requests: 0, status: 'WAITING', noticeSent: true },
    ...{ restored: true, origin },
    ...(failures === undefined ? {} : { failures: { ...failures, known: [failureFingerprint(record)] } }),
  });
}

async function start(
  client: Client,
  taskQueue: string,
  record: DeadLetterRecord,
  carried: CarriedOver,
  args: readonly Payload[],
): Promise<void> {
  const { workflow } = recoveryDataClient(client);
  const raw = args.map((payload) => RawValue.fromPayload(payload));
  const options = {
    workflowId: record.id,
    taskQueue,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    searchAttributes: searchAttributesOf(record),
    memo: memoOf(record, carried.failures),
    staticSummary: summary(record),
    staticDetails: details(record),
  } as const;
  if (payloadBytes(args) <= MAX_INLINE_BYTES) {
    await workflow.start(DEAD_LETTER_WORKFLOW, { ...options, args: [record, carried, ...raw] });
    return;
  }
  await workflow.signalWithStart(DEAD_LETTER_WORKFLOW, {
    ...{ ...options, args: [record, carried], signal: ARGUMENTS_SIGNAL, signalArgs: raw },
  });
}
