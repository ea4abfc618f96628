// Servers on the loopback that misbehave in one stated way each.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import type { TestContext } from 'node:test';
import { SELF_SIGNED } from './self-signed.js';

async function listen(t: TestContext, server: NetServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export async function httpServer(t: TestContext, listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  return `http://127.0.0.1:${await listen(t, server)}`;
}

/** Answers every call with this status. */
export function answering(
  t: TestContext,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<string> {
  return httpServer(t, (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-1', ...headers });
    response.end(body);
  });
}

/** Takes connections and never answers. */
export function hanging(t: TestContext): Promise<string> {
  return httpServer(t, () => {});
}

/** Sends the head and the first bytes of an answer, then resets the connection. */
export function resettingMidBody(t: TestContext): Promise<string> {
  return httpServer(t, (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"half":');
    setTimeout(() => request.socket.resetAndDestroy(), 20);
  });
}

/** Resets every connection at once. */
export async function resetting(t: TestContext): Promise<string> {
  const server = createNetServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  return `http://127.0.0.1:${await listen(t, server)}`;
}

/** Speaks something that is no HTTP. */
export async function speakingNonsense(t: TestContext): Promise<string> {
  const server = createNetServer((socket) =>
    socket.once('data', () => socket.end('SSH-2.0-nonsense\r\n\r\n')),
  );
  return `http://127.0.0.1:${await listen(t, server)}`;
}

/** An address without a listener: that of a server that has just closed. */
export async function refusing(): Promise<string> {
  const server = createNetServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

/** TLS with an untrusted certificate. */
export async function selfSigned(t: TestContext): Promise<string> {
  const server = createHttpsServer(SELF_SIGNED, (_request, response) => response.end('{}'));
  return `https://127.0.0.1:${await listen(t, server)}`;
}

/** What a call is rejected with. */
export async function rejection(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('the call was expected to fail');
}
