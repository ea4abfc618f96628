import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { TcpProxy } from './tcp-proxy.js';
import type { WorkerSettings } from './worker.js';

/** Between two starts of a process that cannot start, because the server is away. */
const START_AGAIN_MS = 500;
/** A worker that shuts down ends what it does, and then its process. */
const STOP_WITHIN_MS = 60_000;

/** A place in the fleet: a worker process, started again after each end, behind a network of its own. */
export class Slot {
  private child: ChildProcess | undefined;
  private ready = Promise.resolve();
  /** Of `start` and `kill`: the last one counts. */
  private orders = 0;
  /** Ends of its process that were not asked for, after it was ready. */
  readonly crashes: string[] = [];

  constructor(
    readonly network: TcpProxy,
    /** Of its next process. */
    private readonly settings: () => WorkerSettings,
  ) {}

  /** Resolves once its worker runs, however often its process has to be started for that. */
  start(): Promise<void> {
    this.ready = this.run(++this.orders);
    return this.ready;
  }

  /** With SIGKILL. */
  async kill(): Promise<void> {
    this.orders++;
    const { child } = this;
    if (child === undefined || !isAlive(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  shiftClock(shiftClockMs: number): void {
    if (this.child?.connected) this.child.send({ shiftClockMs }, () => undefined);
  }

  /** As a deployment does: it ends what it does first. @throws where it does not end, or not well */
  async stop(): Promise<void> {
    await this.ready;
    this.orders++;
    const { child } = this;
    if (child === undefined || !isAlive(child)) return;
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    if (child.connected) child.disconnect();
    const late = delay(STOP_WITHIN_MS, undefined, { ref: false });
    const end = await Promise.race([ended, late]);
    if (end === undefined) {
      await this.kill();
      throw new Error(`did not end within ${STOP_WITHIN_MS / 1_000} s after it was stopped`);
    }
    if (end[0] !== 0) throw new Error(`ended with ${end[1] ?? end[0]} after it was stopped`);
  }

  /** Ends its process as a deployment does, and starts the next one. */
  async replace(): Promise<void> {
    // One that cannot end, because its network does not work, was killed.
    await this.stop().catch(() => undefined);
    await this.start();
  }

  private async run(order: number): Promise<void> {
    while (this.orders === order) {
      const child = fork(require.resolve('./worker.js'), [JSON.stringify(this.settings())], {
        execArgv: ['--require', require.resolve('./jumping-clock.js')],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      this.child = child;
      let errors = '';
      child.stderr?.on('data', (text) => {
        errors = `${errors}${text}`.slice(-2_000);
      });
      const ended = once(child, 'exit').then(() => 'ended');
      if ((await Promise.race([once(child, 'message'), ended])) !== 'ended') {
        void ended.then(() => this.restart(order, errors));
        return;
      }
      await delay(START_AGAIN_MS);
    }
  }

  private restart(order: number, errors: string): void {
    if (this.orders !== order) return;
    this.crashes.push(errors.trim());
    void this.start();
  }
}

export async function openSlots(
  count: number,
  upstream: () => number | undefined,
  settings: (slot: number) => () => Omit<WorkerSettings, 'address'>,
): Promise<Slot[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, slot) => {
      const network = await TcpProxy.listen(upstream);
      const next = settings(slot);
      return new Slot(network, () => ({ ...next(), address: network.address }));
    }),
  );
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
