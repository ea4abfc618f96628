import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What a call gets instead of the server's answer: a message, or an error. */
export type GrpcAnswer =
  | { readonly message: Uint8Array }
  | { readonly status: number; readonly text: string };

/** Answers calls in place of the server. */
export interface Substitute {
  /** Whether it wants to see calls of this method, as `/package.Service/Method`. */
  handles(path: string): boolean;
  /** @returns undefined where the server is to answer */
  answer(path: string, message: Uint8Array): Promise<GrpcAnswer | undefined>;
}

const WINDOW = 4 * 1024 * 1024;
const GRPC_PREFIX = 5;
const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_FLAG_END_STREAM } = constants;

/**
 * Passes gRPC calls on to the server, and can answer some of them itself. Each connection has one of its own to the server, and both end
 * together.
 */
export class GrpcProxy {
  private readonly sessions = new Map<ServerHttp2Session, ClientHttp2Session>();

  private constructor(
    private readonly listener: Http2Server,
    /** Where the server listens now; undefined while it is away. */
    private readonly upstream: () => number | undefined,
    private readonly substitute: Substitute,
  ) {
    listener.on('session', (near) => this.accept(near));
    listener.on('stream', (near, headers) => {
      this.serve(near, headers).catch(() => near.close(NGHTTP2_INTERNAL_ERROR));
    });
  }

  static async listen(upstream: () => number | undefined, substitute: Substitute): Promise<GrpcProxy> {
    const settings = { initialWindowSize: WINDOW, maxConcurrentStreams: 100_000 };
    const listener = createServer({ settings });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new GrpcProxy(listener, upstream, substitute);
  }

  /** Undefined while the server is away. */
  readonly port = (): number | undefined =>
    this.upstream() === undefined ? undefined : (this.listener.address() as AddressInfo).port;

  get address(): string {
    return `127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const near of this.sessions.keys()) near.destroy();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private accept(near: ServerHttp2Session): void {
    near.on('error', () => undefined);
    const port = this.upstream();
    if (port === undefined) {
      near.destroy();
      return;
    }
    const far = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: WINDOW } });
    this.sessions.set(near, far);
    for (const session of [near, far]) {
      // One stream that is read slowly does not hold up the others.
      session.on('connect', () => session.setLocalWindowSize(WINDOW * 4));
      session.setMaxListeners(0);
    }
    near.setLocalWindowSize(WINDOW * 4);
    far.on('error', () => undefined);
    far.on('goaway', () => near.close());
    far.on('close', () => near.destroy());
    near.on('close', () => {
      this.sessions.delete(near);
      far.destroy();
    });
  }

  private async serve(near: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    near.on('error', () => undefined);
    const path = `${headers[':path']}`;
    if (!this.substitute.handles(path)) {
      const far = this.call(near, headers);
      if (far !== undefined) near.pipe(far);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of near) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const answer = await this.substitute.answer(path, messageOf(body));
    if (near.destroyed) return;
    if (answer === undefined) this.call(near, headers)?.end(body);
    else respond(near, answer);
  }

  /** Passes the server's answer on. */
  private call(near: ServerHttp2Stream, headers: IncomingHttpHeaders): ClientHttp2Stream | undefined {
    const session = this.sessions.get(near.session as ServerHttp2Session);
    if (session === undefined || session.closed || session.destroyed) {
      near.close(NGHTTP2_REFUSED_STREAM);
      return undefined;
    }
    const far = session.request(headers);
    far.on('error', () => undefined);
    near.on('close', () => far.close(NGHTTP2_CANCEL));
    far.on('close', () => {
      if (!near.closed && !near.writableEnded) near.close(far.rstCode || NGHTTP2_INTERNAL_ERROR);
    });
    let trailers: IncomingHttpHeaders | undefined;
    far.on('trailers', (received) => {
      trailers = received;
    });
    near.on('wantTrailers', () => near.sendTrailers(trailers ?? {}));
    far.on('response', (received, flags) => {
      if (near.destroyed) return;
      const isAll = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
      near.respond(received, isAll ? { endStream: true } : { waitForTrailers: true });
    });
    far.on('data', (chunk) => {
      if (near.destroyed || near.writableEnded || near.write(chunk)) return;
      far.pause();
      near.once('drain', () => far.resume());
    });
    far.on('end', () => {
      if (trailers !== undefined && !near.destroyed && !near.writableEnded) near.end();
    });
    return far;
  }
}

function respond(near: ServerHttp2Stream, answer: GrpcAnswer): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  if ('status' in answer) {
    near.respond(
      { ...headers, 'grpc-status': `${answer.status}`, 'grpc-message': encodeURIComponent(answer.text) },
      { endStream: true },
    );
    return;
  }
  near.respond(headers, { waitForTrailers: true });
  near.on('wantTrailers', () => near.sendTrailers({ 'grpc-status': '0' }));
  const prefix = Buffer.alloc(GRPC_PREFIX);
  prefix.writeUInt32BE(answer.message.length, 1);
  near.end(Buffer.concat([prefix, answer.message]));
}

/** The message of a call with one: without its prefix, which says whether it is compressed. */
function messageOf(body: Buffer): Uint8Array {
  const message = body.subarray(GRPC_PREFIX);
  return body[0] === 1 ? gunzipSync(message) : message;
}
