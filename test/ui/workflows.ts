import { proxyActivities } from '@temporalio/workflow';

const { writeCountry } = proxyActivities<{ writeCountry(country: object): Promise<string> }>({
  startToCloseTimeout: '10s',
});

/** Writes one country, as a sync would. */
export async function countrySync(country: object): Promise<string> {
  return writeCountry(country);
}
