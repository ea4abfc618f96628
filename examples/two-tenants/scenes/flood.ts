import { recordsOf } from '../records.js';
import { breakerName } from '../recovery.js';
import {
  callsOf,
  type Figure,
  longestWaitMs,
  type PushHandle,
  type Stage,
  startPush,
  withStatus,
  writtenCount,
} from '../stage.js';
import { waitFor } from '../wait-for.js';

const RECORDS = 100;
const OF_SOUTH = 10;
const NOT_DELAYED_MS = 5_000;
const HELD = 'Flood of dead letters';

/** The service renames a field for north. After the sample the calls wait instead of becoming letters. */
export async function flood(stage: Stage): Promise<Figure[]> {
  const { service, recovery, run, log } = stage;
  service.renamedFor.add('north');
  const north = await startPush(stage, 'products', recordsOf('north', RECORDS));
  const breaker = recovery.breakers.get(breakerName(run, 'products'));
  await waitFor('a flood that is held', async () => {
    // Its first flood makes it.
    if (!(await breaker.exists())) return undefined;
    const { floods } = await breaker.describe();
    return floods?.find(({ state }) => state === 'held');
  });
  log('plugin: a flood of dead letters of one cause, further products of north are held');
  const south = await startPush(stage, 'products', recordsOf('south', OF_SOUTH));
  await south.result();
  const held = await waitFor('all calls of north rejected or held', async () => {
    const count = await heldCount(north);
    const rejected = withStatus(callsOf(service, 'products'), 422).length;
    return count + rejected >= RECORDS ? count : undefined;
  });
  log(`${held} calls of north wait as pending activities; all products of south are written`);

  service.renamedFor.delete('north');
  log('service: knows the field by its old name again; one held call in a while is tried');
  const { failed } = await north.result();
  log(
    `the trial succeeded, the held calls went on; operator: redrive of the ${failed} letters of the sample`,
  );
  const redrive = await recovery.redrives.start({
    filter: { queue: run, operation: 'products.push' },
    rate: 100,
    by: 'operator of the example',
    reason: 'the field has its old name again',
  });
  await redrive.result();

  const calls = callsOf(stage.service, 'products');
  const rejected = withStatus(calls, 422).length;
  const written = writtenCount(calls);
  const delayMs = longestWaitMs(calls.filter(({ tenant }) => tenant === 'south'));
  return [
    { label: `products rejected, of ${RECORDS}`, value: rejected, isKept: rejected < RECORDS / 2 },
    { label: 'products that waited instead', value: held, isKept: held > RECORDS / 2 },
    {
      label: `products written, of ${RECORDS + OF_SOUTH}`,
      value: written,
      isKept: written === RECORDS + OF_SOUTH,
    },
    {
      label: 'longest wait of the other tenant',
      value: `${delayMs} ms`,
      isKept: delayMs < NOT_DELAYED_MS,
    },
  ];
}

/** As the server sees it. */
async function heldCount(handle: PushHandle): Promise<number> {
  const { raw } = await handle.describe();
  return (raw.pendingActivities ?? []).filter(({ lastFailure }) => lastFailure?.message?.startsWith(HELD))
    .length;
}
