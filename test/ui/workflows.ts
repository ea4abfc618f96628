import { proxyActivities } from '@temporalio/workflow';
import { proxyRecoverableActivities } from 'temporal-recovery/workflow';

interface Activities {
  writeCountry(country: object): Promise<string>;
}

// Longer than anybody looks at a replay that is under way.
const { writeCountry } = proxyActivities<Activities>({ startToCloseTimeout: '10 minutes' });
const parking = proxyRecoverableActivities<Activities>({
  startToCloseTimeout: '1 minute',
  recovery: { onExhausted: 'park' },
});
const answering = proxyRecoverableActivities<Activities>({
  startToCloseTimeout: '10s',
  recovery: { fallback: { value: 'cached' } },
});
const neglected = proxyRecoverableActivities<Activities>({
  startToCloseTimeout: '10s',
  recovery: { queue: 'neglected' },
});

const sharing = proxyRecoverableActivities<Activities>({
  startToCloseTimeout: '10s',
  recovery: { operation: 'syncRecord' },
});

/** Writes one country, as a sync would. */
export async function countrySync(country: object): Promise<string> {
  return writeCountry(country);
}

/** The same, but it waits for what comes of a country that is rejected. */
export async function patientCountrySync(country: object): Promise<string> {
  return parking.writeCountry(country);
}

/** The same, but a country that is rejected is answered from elsewhere. */
export async function cachedCountrySync(country: object): Promise<string> {
  return answering.writeCountry(country);
}

/** The same, but all failures of a country have one letter. */
export async function recordSync(country: object): Promise<string> {
  return sharing.writeCountry(country);
}

/** The same, but soon it is too late for a country that is rejected. */
export async function neglectedCountrySync(country: object): Promise<string> {
  return neglected.writeCountry(country);
}
