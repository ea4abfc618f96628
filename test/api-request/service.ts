// A service on the loopback whose answers a test states, and which remembers what it was asked.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { httpServer } from '../errors/loopback.js';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Service {
  readonly url: string;
  readonly asked: Asked[];
  readonly last: Asked | undefined;
}

type Answering = (asked: Asked, response: ServerResponse, attempt: number) => void;

export async function service(t: TestContext, answer: Answering = echo): Promise<Service> {
  const asked: Asked[] = [];
  const url = await httpServer(t, async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const entry = { method, url: path, headers, body: await text(request).catch(() => '') };
    asked.push(entry);
    answer(entry, response, asked.length);
  });
  return {
    url,
    asked,
    get last() {
      return asked.at(-1);
    },
  };
}

/** Answers with what it was asked. */
export function echo(asked: Asked, response: ServerResponse): void {
  json(response, asked);
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-1', ...headers });
  response.end(JSON.stringify(body));
}
