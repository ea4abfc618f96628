// A service that counts, in a thread of its own: what workers do does not delay its clock.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

const times: number[] = [];
const server = createServer((_, response) => {
  times.push(performance.now());
  response.end('ok');
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
parentPort?.on('message', () => {
  parentPort?.postMessage(times);
  server.close();
  server.closeAllConnections();
  parentPort?.close();
});
