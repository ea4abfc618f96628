import { join } from 'node:path';
import { GENEROUS_LIMITS } from '../../examples/temporal-server/generous-limits.js';
import {
  startTemporalServer,
  type TemporalServer,
  withoutConnection,
} from '../../examples/temporal-server/index.js';

const START_TIMES = 5;

/** A server with a file as its database, which can be killed and started again. */
export class FileServer {
  private current: TemporalServer | undefined;

  private constructor(private readonly database: string) {}

  /** @param folder where its file is */
  static async start(folder: string): Promise<FileServer> {
    const server = new FileServer(join(folder, 'temporal.db'));
    await server.start();
    return server;
  }

  /** Where it listens: another port after each start. */
  readonly port = (): number | undefined =>
    this.current === undefined ? undefined : Number(this.current.address.split(':')[1]);

  async start(): Promise<void> {
    const { database } = this;
    const env = withoutConnection(process.env);
    for (let left = START_TIMES; this.current === undefined; ) {
      try {
        this.current = await startTemporalServer({ database, env, dynamicConfig: GENEROUS_LIMITS });
      } catch (error) {
        // A machine with much else to do may be too slow for it, once.
        if (--left === 0) throw error;
      }
    }
  }

  /** With SIGKILL. */
  async kill(): Promise<void> {
    const server = this.current;
    this.current = undefined;
    await server?.stop();
  }
}
