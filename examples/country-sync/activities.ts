import { Context } from '@temporalio/activity';
import type { Country } from './country.js';
import { requestJson } from './http.js';
import type { Page } from './source-api.js';

/** The activities of the sync: ordinary ones, nothing in them knows of recovery. */
export function createActivities({ sourceUrl, targetUrl }: { sourceUrl: string; targetUrl: string }) {
  return {
    async readPage(page: number): Promise<Page> {
      return requestJson<Page>('GET', `${sourceUrl}/countries?page=${page}`);
    },

    async writeCountry(country: Country): Promise<{ attempts: number }> {
      await requestJson('PUT', `${targetUrl}/countries/${country.cca3}`, country);
      return { attempts: Context.current().info.attempt };
    },
  };
}

export type Activities = ReturnType<typeof createActivities>;
