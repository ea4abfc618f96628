import { setInterval } from 'node:timers/promises';
import { GENEROUS_LIMITS } from '../../examples/temporal-server/generous-limits.js';
import {
  startTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
  withConnection,
} from '../../examples/temporal-server/index.js';

const LOOK_EVERY_MS = 5_000;
/** Longer than a server needs for one request on a machine with much else to do. */
const SILENT_FOR_MS = 30_000;

/**
 * The server of a whole test run. One that no longer answers gives way to a new one at the same address: the test
 * files that run meanwhile fail, those after them do not. The development server's database can stay interrupted
 * for ever after a request that was cancelled at a bad moment (docs/upstream.md).
 */
export class ReplacedServer {
  /** How many gave way. */
  replaced = 0;
  private readonly ended = new AbortController();
  private watch: Promise<void> = Promise.resolve();

  private constructor(private current: TemporalServer) {}

  static async start(options: TemporalServerOptions): Promise<ReplacedServer> {
    const first = await startTemporalServer({ ...options, dynamicConfig: GENEROUS_LIMITS });
    const server = new ReplacedServer(first);
    // One that already existed is not ours to replace.
    if (first.cliPath !== undefined) server.watch = server.keepAnswering(options);
    return server;
  }

  get server(): TemporalServer {
    return this.current;
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.watch;
    await this.current.stop();
  }

  private async keepAnswering(options: TemporalServerOptions): Promise<void> {
    const { signal } = this.ended;
    let answeredAt = Date.now();
    try {
      for await (const _ of setInterval(LOOK_EVERY_MS, undefined, { signal, ref: false })) {
        if (await answers(this.current)) answeredAt = Date.now();
        if (Date.now() - answeredAt < SILENT_FOR_MS) continue;
        options.log?.(
          `The server has not answered for ${SILENT_FOR_MS / 1000} s: a new one takes its address.`,
        );
        await this.replace(options);
        answeredAt = Date.now();
      }
    } catch (error) {
      if (!signal.aborted) options.log?.(`The server could not be replaced: ${String(error)}`);
    }
  }

  private async replace(options: TemporalServerOptions): Promise<void> {
    const { address, uiUrl } = this.current;
    await this.current.stop();
    this.current = await startTemporalServer({
      ...options,
      dynamicConfig: GENEROUS_LIMITS,
      port: portOf(`tcp://${address}`),
      uiPort: uiUrl === undefined ? undefined : portOf(uiUrl),
    });
    if (this.current.address !== address)
      throw new Error(`its port is taken; it got ${this.current.address}`);
    this.replaced++;
  }
}

const portOf = (url: string): number => Number(new URL(url).port);

/** A request that reads the database: system information comes from memory. */
async function answers({ connectionOptions, namespace }: TemporalServer): Promise<boolean> {
  try {
    await withConnection(
      connectionOptions,
      async (connection) => {
        await connection.workflowService.describeNamespace({ namespace });
      },
      LOOK_EVERY_MS,
    );
    return true;
  } catch {
    return false;
  }
}
