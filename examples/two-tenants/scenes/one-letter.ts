import type { PushedRecord } from '../records.js';
import { callsOf, type Figure, type Stage, startPush, withStatus } from '../stage.js';
import { waitFor } from '../wait-for.js';

const CUSTOMER: PushedRecord = { id: 'north-ada', tenant: 'north' };

/** A record that is rejected twice adds to its letter. When it is written later, the letter closes by itself. */
export async function oneLetter(stage: Stage): Promise<Figure[]> {
  const { recovery, run, log } = stage;
  const send = async (email: string) => {
    const handle = await startPush(stage, 'customers', [{ ...CUSTOMER, email }]);
    await handle.result();
  };
  const list = () => recovery.deadLetters.list({ queue: run, operation: 'customers.push' });

  await send('ada');
  await send('ada.example');
  const [letter] = await waitFor('a letter with both failures', async () => {
    const letters = await list();
    return letters[0]?.failures === 2 ? letters : undefined;
  });
  log(`customer ${CUSTOMER.id} was rejected twice: one letter, ${letter?.failures} failures`);
  await send('ada@example.com');
  const closed = await waitFor('a letter that is closed', async () => {
    const [found] = await list();
    return found?.status === 'WAITING' ? undefined : found?.status;
  });
  log(`the customer was written later, which closed the letter: ${closed}`);

  const rejected = withStatus(callsOf(stage.service, 'customers'), 422).length;
  const letters = await list();
  return [
    { label: 'times that the customer was rejected', value: rejected, isKept: rejected === 2 },
    { label: 'letters of the customer', value: letters.length, isKept: letters.length === 1 },
    { label: 'failures in this letter', value: letter?.failures ?? 0, isKept: letter?.failures === 2 },
    { label: 'its status after a later success', value: closed, isKept: closed === 'SUPERSEDED' },
  ];
}
