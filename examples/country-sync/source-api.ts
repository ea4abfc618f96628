import fastify from 'fastify';
import type { Country } from './country.js';

/** One page of `GET /countries?page=<1…>`. */
export interface Page {
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  readonly countries: readonly Country[];
}

export interface SourceApi {
  readonly url: string;
  stop(): Promise<void>;
}

const PAGE_SIZE = 25;

/** Starts the REST API the sync reads from. Port 0 takes a free one. */
export async function startSourceApi(options: {
  port: number;
  countries: readonly Country[];
}): Promise<SourceApi> {
  const { countries } = options;
  const pages = Math.ceil(countries.length / PAGE_SIZE);
  const app = fastify({ forceCloseConnections: true });
  app.get<{ Querystring: { page: number } }>(
    '/countries',
    {
      schema: {
        querystring: { type: 'object', properties: { page: { type: 'integer', minimum: 1, default: 1 } } },
      },
    },
    async ({ query: { page } }): Promise<Page> => {
      const first = (page - 1) * PAGE_SIZE;
      return { page, pages, total: countries.length, countries: countries.slice(first, first + PAGE_SIZE) };
    },
  );
  const url = await app.listen({ host: '127.0.0.1', port: options.port });
  return { url, stop: () => app.close() };
}
