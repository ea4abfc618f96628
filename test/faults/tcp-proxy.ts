import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Both ends believe in the connection, and nothing passes. */
  isHalfOpen: boolean;
}

/** A network between a process and the server that can be made worse. */
export class TcpProxy {
  /** Each packet is this much late. */
  delayMs = 0;
  bytesPerSecond = Number.POSITIVE_INFINITY;
  private readonly pairs = new Set<Pair>();

  private constructor(
    private readonly listener: Server,
    /** Where the server listens now; undefined while it is away. */
    private readonly upstream: () => number | undefined,
  ) {
    listener.on('connection', (near) => this.accept(near));
  }

  static async listen(upstream: () => number | undefined): Promise<TcpProxy> {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TcpProxy(listener, upstream);
  }

  get address(): string {
    return `127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Breaks the connections that are open. */
  cut(): void {
    for (const { near, far } of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** From now on nothing passes on the connections that are open, and neither end notices; new ones work. */
  halfOpen(): void {
    for (const pair of this.pairs) pair.isHalfOpen = true;
  }

  /** Breaks those that are half-open. */
  cutHalfOpen(): void {
    for (const { near, far, isHalfOpen } of this.pairs) {
      if (!isHalfOpen) continue;
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private accept(near: Socket): void {
    const port = this.upstream();
    if (port === undefined) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    const pair: Pair = { near, far, isHalfOpen: false };
    this.pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.on('close', () => {
        if (from === near) this.pairs.delete(pair);
        // A peer that is cut off does not learn that the other end has gone.
        if (!pair.isHalfOpen || from === near) to.destroy();
      });
      void this.pump(pair, from, to);
    }
  }

  private async pump(pair: Pair, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        const lateMs = this.delayMs + (chunk.length / this.bytesPerSecond) * 1_000;
        if (lateMs > 0) await delay(lateMs);
        if (pair.isHalfOpen) continue;
        if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
      if (!pair.isHalfOpen) to.end();
    } catch {
      // The connection broke: its `close` handler does the rest.
    }
  }
}
