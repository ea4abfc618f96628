import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: each format has a shape of its own, and the tests look into it
  readonly body: any;
}

/** A receiver of webhooks on this machine. */
export async function startReceiver() {
  const received: Received[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = /^[[{]/.test(text) ? JSON.parse(text) : text;
      if (status === 200) received.push({ path: request.url ?? '', headers: request.headers, body });
      response
        .writeHead(status, status === 302 ? { location: '/elsewhere' } : {})
        .end(`Cannot POST ${request.url}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    /** Answers with it from now on; only what is answered with 200 is received. */
    answer(next: number) {
      status = next;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
