import type { Country } from 'world-countries';

export type { Country };

/** The first `count` of the 250 records of the npm package `world-countries` (mledoze/countries). */
export function loadCountries(count: number): Country[] {
  const countries: Country[] = require('world-countries/dist/countries.json');
  return countries.slice(0, count);
}

/** How many records there are. */
export const COUNTRY_COUNT = 250;
