import { WorkflowFailedError } from '@temporalio/client';
import { deadLetterId } from 'temporal-recovery/workflow';
import type { Harness } from '../support/harness.js';
import type { countrySync } from './workflows.js';

class HttpError extends Error {
  readonly url = 'https://target.example/countries/ATA?api_key=s3cr3t';
  readonly method = 'PUT';
  readonly status = 422;
  readonly body = '{"errors":[{"field":"capital","message":"must NOT have fewer than 1 items"}]}';
  readonly headers = { 'x-request-id': 'req-7f3a' };

  constructor() {
    super('PUT /countries/ATA answered 422: capital must NOT have fewer than 1 items');
    this.name = 'HttpError';
  }
}

/** A letter as a person meets it: a record a target rejects, until `mend` is called. */
export async function makeLetter(h: Harness, workflowId: string): Promise<{ id: string; mend(): void }> {
  let mended = false;
  await h.startWorker({
    workflowsPath: require.resolve('./workflows.js'),
    activities: {
      async writeCountry() {
        if (!mended) throw new HttpError();
        return 'created';
      },
    },
  });
  const country = { cca3: 'ATA', name: 'Antarctica', region: 'Antarctic', capital: [], area: 14_000_000 };
  const failure = await h.client.workflow
    .execute<typeof countrySync>('countrySync', { workflowId, taskQueue: h.taskQueue, args: [country] })
    .catch((error: unknown) => error);
  if (!(failure instanceof WorkflowFailedError)) throw new Error('The workflow should have failed');
  const id = deadLetterId(failure);
  if (id === undefined)
    throw new Error('The failure should carry the id of its dead letter', { cause: failure });
  return {
    id,
    mend() {
      mended = true;
    },
  };
}
