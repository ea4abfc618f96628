import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pick, randomFor } from './random.js';
import type { Outage } from './schedule.js';

/** What the target does with a record. */
export type Nature =
  /** Takes it. */
  | 'well'
  /** Fails the first few times, in various ways. */
  | 'shaky'
  /** Refuses it, until it is mended. */
  | 'poison'
  /** Has an error of its own for this record, until it is mended. */
  | 'sick';

type Answer = 'written' | 'answer lost' | 'refused' | Outage;

/** How one attempt at a shaky record fails. `answer lost`: it is written, and the connection breaks. */
const SHAKES: readonly Answer[] = ['503', '503', '429', 'hang', 'reset', 'answer lost'];

/** An unreliable HTTP service with records. It honours idempotency keys, and counts what was written twice in spite of that. */
export class Target {
  /** How it is down for all. */
  outage: Outage | undefined;
  readonly counts = { calls: 0, failed: 0, repeated: 0 };
  private readonly callsOf = new Map<string, number>();
  private readonly keysOf = new Map<string, Set<string>>();
  private readonly mended = new Set<string>();
  private allMended = false;

  private constructor(
    private readonly listener: Server,
    private readonly seed: number,
    private readonly natureOf: (record: string) => Nature,
  ) {
    listener.on('request', (request, response) => this.serve(request, response));
  }

  static async listen(seed: number, natureOf: (record: string) => Nature): Promise<Target> {
    const listener = createServer({ keepAlive: false });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new Target(listener, seed, natureOf);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  isWritten(record: string): boolean {
    return this.keysOf.has(record);
  }

  /** Records that were written under more than one key. */
  get doubled(): string[] {
    return [...this.keysOf].filter(([, keys]) => keys.size > 1).map(([record]) => record);
  }

  mend(record: string): void {
    this.mended.add(record);
  }

  mendAll(): void {
    this.allMended = true;
  }

  async close(): Promise<void> {
    this.listener.close();
    this.listener.closeAllConnections();
    await once(this.listener, 'close');
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const record = decodeURIComponent(request.url?.slice(1) ?? '');
    const call = (this.callsOf.get(record) ?? 0) + 1;
    this.callsOf.set(record, call);
    this.counts.calls++;
    const answer = this.answerTo(record, call);
    if (answer === 'written' || answer === 'answer lost') {
      this.write(record, String(request.headers['idempotency-key']));
    }
    if (answer !== 'written') this.counts.failed++;
    respond(answer, request, response);
  }

  private answerTo(record: string, call: number): Answer {
    if (this.outage !== undefined) return this.outage;
    if (this.allMended || this.mended.has(record)) return 'written';
    const random = randomFor(this.seed, record);
    switch (this.natureOf(record)) {
      case 'poison':
        return 'refused';
      case 'sick':
        return '503';
      case 'well':
        return 'written';
      case 'shaky':
        return call <= 1 + random() * 3 ? pick(randomFor(this.seed, `${record}/${call}`), SHAKES) : 'written';
    }
  }

  private write(record: string, key: string): void {
    const keys = this.keysOf.get(record) ?? new Set();
    if (keys.has(key)) this.counts.repeated++;
    this.keysOf.set(record, keys.add(key));
  }
}

function respond(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  switch (answer) {
    case 'written':
      response.end('written');
      return;
    case 'refused':
      response.writeHead(422).end('refused');
      return;
    case '503':
      response.writeHead(503).end('down');
      return;
    case '429':
      response.writeHead(429, { 'retry-after': '1' }).end('slower');
      return;
    case 'answer lost':
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'hang':
      return;
  }
}
