import {
  ActivityFailure,
  defineQuery,
  isCancellation,
  proxyActivities,
  rootCause,
  setHandler,
} from '@temporalio/workflow';
import { deadLetterId } from 'temporal-recovery/workflow';
import type { Activities } from './activities.js';
import type { Country } from './country.js';

const { readPage, writeCountry } = proxyActivities<Activities>({
  startToCloseTimeout: '2s',
  retry: { initialInterval: '300ms', maximumAttempts: 4 },
});

/** Writes in flight at a time. */
const CONCURRENCY = 8;

/** A record whose activity failed for good. */
export interface FailedRecord {
  readonly cca3: string;
  /** The dead letter's workflow id; undefined where the plugin is missing. */
  readonly deadLetter?: string;
  readonly message: string;
}

export interface SyncProgress {
  read: number;
  writtenAtFirstAttempt: number;
  writtenAfterRetries: number;
  readonly failed: FailedRecord[];
}

export const progressQuery = defineQuery<SyncProgress>('progress');

/** Copies every record of the source to the target, one activity per record. */
export async function countrySync(): Promise<SyncProgress> {
  const progress: SyncProgress = { read: 0, writtenAtFirstAttempt: 0, writtenAfterRetries: 0, failed: [] };
  setHandler(progressQuery, () => progress);

  const countries = readCountries(progress);
  // An async generator queues its callers, so the writers share one stream of records.
  const writer = async () => {
    for await (const country of countries) await sync(country, progress);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, writer));
  return progress;
}

async function* readCountries(progress: SyncProgress): AsyncGenerator<Country> {
  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await readPage(page);
    pages = answer.pages;
    for (const country of answer.countries) {
      progress.read++;
      yield country;
    }
  }
}

async function sync(country: Country, progress: SyncProgress): Promise<void> {
  try {
    const { attempts } = await writeCountry(country);
    if (attempts === 1) progress.writtenAtFirstAttempt++;
    else progress.writtenAfterRetries++;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    // The sync goes on: the record is safe in its dead letter.
    progress.failed.push({
      cca3: country.cca3,
      deadLetter: deadLetterId(error),
      message: rootCause(error) ?? error.message,
    });
  }
}
