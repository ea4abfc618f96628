import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export const certificate = (name: string) => join(__dirname, '../../../test/cli/certificates', name);

export interface SecureServer {
  /** By IP address, for which its certificate is not. */
  readonly address: string;
  /** Header `authorization` of the requests so far. */
  readonly authorizations: Set<string | undefined>;
  close(): void;
}

/** Passes requests on to a server without TLS, for clients with a certificate of the test authority if it wants one. */
export async function startSecureServer(
  target: string,
  { wantsCertificate = false } = {},
): Promise<SecureServer> {
  const upstream = http2.connect(`http://${target}`);
  upstream.on('error', () => undefined);
  const authorizations = new Set<string | undefined>();
  const server = http2.createSecureServer({
    key: readFileSync(certificate('server.key')),
    cert: readFileSync(certificate('server.pem')),
    ca: readFileSync(certificate('ca.pem')),
    ...{ requestCert: wantsCertificate, rejectUnauthorized: wantsCertificate },
  });
  const sessions = new Set<http2.Http2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    authorizations.add(headers.authorization);
    const request = upstream.request(headers);
    let trailers: http2.IncomingHttpHeaders = {};
    stream.on('error', () => request.close());
    request.on('error', () => stream.close());
    request.on('trailers', (found) => {
      trailers = found;
    });
    request.on('response', (found, flags) => {
      const endStream = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(found, { endStream, waitForTrailers: !endStream });
      if (endStream) return;
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      request.pipe(stream);
    });
    stream.pipe(request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorizations,
    close() {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      server.close();
    },
  };
}
