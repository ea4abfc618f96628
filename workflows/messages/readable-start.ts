import { ApplicationFailure, type RawValue, rawValueTypeInfo } from '@temporalio/common';
import {
  scheduleActivity,
  setCurrentDetails,
  setDefaultQueryHandler,
  setDefaultUpdateHandler,
  sleep,
} from '@temporalio/workflow';
import { READ_INPUT_ACTIVITY, readInputActivityId } from '../../common/contract.js';
import { wasUndecodable } from './undecodable.js';

/** Side by side with a worker that has the codec, the next try is as likely with that one. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 3_600_000;

type Inputs = readonly (RawValue | undefined)[];

/**
 * The inputs of a workflow, where its worker could not read them when it began; undefined where it could: a promise
 * more would change the order of commands.
 *
 * The workflow waits for a recovery worker with the right codec, and says so on its page. It waits in an activity that is
 * retried: that makes no history. Signals that come meanwhile keep their place.
 * @param what it is, for its page
 */
export function readableStart(what: string, inputs: Inputs): Promise<Inputs> | undefined {
  const unread = inputs.map((input, at) => input !== undefined && wasUndecodable([input], `start-${at}`));
  return unread.includes(true) ? readAll(what, inputs, unread) : undefined;
}

async function readAll(what: string, inputs: Inputs, unread: readonly boolean[]): Promise<Inputs> {
  const why = `This ${what} cannot be read yet: no codec of its recovery worker can read the input`;
  setCurrentDetails(pageOf(what, new Date().toISOString()));
  setDefaultUpdateHandler(() => {
    throw ApplicationFailure.nonRetryable(`${why}. Nothing was done`, 'InputNotReadable');
  });
  setDefaultQueryHandler(() => {
    throw new Error(why);
  });
  try {
    const read: (RawValue | undefined)[] = [];
    for (const [at, input] of inputs.entries()) read.push(unread[at] ? await readOne(at) : input);
    return read;
  } finally {
    setDefaultUpdateHandler(undefined);
    setDefaultQueryHandler(undefined);
    setCurrentDetails('');
  }
}

/** Workers with and without the codec may run side by side: what one has read the other still cannot. */
async function readOne(at: number): Promise<RawValue> {
  for (let round = 0, waitMs = FIRST_WAIT_MS; ; round++, waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const input = await askForInput(at);
    if (!wasUndecodable([input], `start-${at}-${round}`)) return input;
    await sleep(waitMs);
  }
}

/** Which input is in the activity's id: an argument would be encoded by a codec that may be the wrong one. */
function askForInput(at: number): Promise<RawValue> {
  return scheduleActivity<RawValue>(
    READ_INPUT_ACTIVITY,
    [],
    {
      activityId: readInputActivityId(at),
      startToCloseTimeout: '1 minute',
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
    },
    { outputType: rawValueTypeInfo },
  );
}

function pageOf(what: string, since: string): string {
  return [
    '### Cannot be read',
    '',
    `No codec of the recovery worker can read the input of this ${what}, since ${since}. Nothing is lost: the input is in the history.`,
    '',
    '- **By itself**: it is read again, at the latest 5 minutes after a recovery worker with the right codec or key has started. Signals keep their place until then.',
    '- **To do**: give the recovery worker the data converter of the workers. `temporal activity reset` with the pending activity tries at once.',
  ].join('\n');
}
