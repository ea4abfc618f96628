// Several worker processes, one flaky service, one circuit breaker for all of them.
import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { BreakerNotFoundError, type BreakerSnapshot, RecoveryClient } from 'temporal-recovery/client';
import { Cleanup } from '../support/cleanup.js';
import { OptionsError } from '../support/fleet-options.js';
import { uiLinks } from '../support/ui-links.js';
import { startTemporalServer } from '../temporal-server/index.js';
import { startFleet } from './fleet.js';
import { HELP, parseOptions } from './options.js';
import { type FlakyService, startService } from './service.js';

/** Seconds of the run at which the service goes down and comes back, if no key is pressed. */
const OUTAGE = { from: 5, to: 20 };
const LONGEST_RUN = 120;
const LANES_PER_WORKER = 4;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const interruption = new AbortController();
  process.on('SIGINT', () => interruption.abort());
  process.on('SIGTERM', () => interruption.abort());
  const cleanup = new Cleanup();
  try {
    const service = await startService();
    cleanup.add(() => service.stop());
    const { connectionOptions, namespace, uiUrl, stop } = await startTemporalServer({ log: console.log });
    cleanup.add(stop);
    const connection = await Connection.connect(connectionOptions);
    cleanup.add(() => connection.close());
    const client = new Client({ connection, namespace });

    const taskQueue = `flaky-service-${process.pid}`;
    const breaker = `price-service-${process.pid}`;
    const workers = Array.from({ length: options.workers }, (_, index) => `w${index + 1}`);
    const shared = { serviceUrl: service.url, taskQueue, breaker, namespace, connectionOptions };
    const fleet = await startFleet(workers, shared);
    cleanup.add(() => fleet.stop());
    for (let lane = 0; lane < workers.length * LANES_PER_WORKER; lane++) {
      const workflowId = `${taskQueue}-traffic-${lane}`;
      const handle = await client.workflow.start('traffic', { taskQueue, workflowId });
      cleanup.add(() => handle.terminate('the example is over'));
    }
    if (uiUrl !== undefined) {
      const links = uiLinks(uiUrl, namespace);
      console.log(`
breaker   ${links.workflow(`circuit-breaker/${breaker}`)}
          its state is on the tab "User Metadata"; More Actions, Send a Signal: forceOpen, forceClosed, disable, reset
traffic   ${links.list(`WorkflowType="traffic" AND ExecutionStatus="Running"`)}
`);
    }
    const isWatched = process.stdin.isTTY === true && !options.exit;
    if (isWatched) listenForKeys(service, interruption);
    const handle = new RecoveryClient({ client }).breakers.get(breaker);
    const read = () =>
      handle.describe().catch((error) => {
        if (error instanceof BreakerNotFoundError) return undefined;
        throw error;
      });
    return await watch(service, workers, read, isWatched, interruption.signal);
  } finally {
    await cleanup.run();
  }
}

/** @returns the exit code */
async function watch(
  service: FlakyService,
  workers: readonly string[],
  read: () => Promise<BreakerSnapshot | undefined>,
  isWatched: boolean,
  interrupted: AbortSignal,
): Promise<number> {
  console.log(`${isWatched ? 'Press d to take the service down or bring it back.\n' : ''}
 time  service  breaker      calls that reached the service in the last second, by worker`);
  let opened = false;
  for (let second = 0; !interrupted.aborted; second++) {
    if (!isWatched && second === OUTAGE.from) service.isUp = false;
    if (!isWatched && second === OUTAGE.to) service.isUp = true;
    await wait(1_000, undefined, { signal: interrupted }).catch(() => undefined);
    const status = (await read())?.status ?? '-';
    const counts = service.takeCounts();
    const cells = workers.map((name) => `${name} ${String(counts.get(name) ?? 0).padStart(3)}`);
    const state = service.isUp ? 'up  ' : 'DOWN';
    console.log(`${String(second).padStart(4)}s  ${state}     ${status.padEnd(11)}  ${cells.join('   ')}`);
    opened ||= status === 'OPEN';
    if (isWatched) continue;
    if (second > OUTAGE.to && opened && status === 'CLOSED' && counts.size === workers.length) {
      console.log('\nThe breaker opened in the outage, for all workers, and closed when it was over.');
      return 0;
    }
    if (second === LONGEST_RUN) return 1;
  }
  return isWatched ? 0 : 130;
}

function listenForKeys(service: FlakyService, interruption: AbortController): void {
  process.stdin.setRawMode(true);
  process.stdin.on('data', (keys) => {
    const text = keys.toString();
    if (text.includes('d')) service.isUp = !service.isUp;
    if (text.includes('\u0003')) interruption.abort();
  });
  process.stdin.unref();
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof OptionsError ? error.message : error);
    process.exit(error instanceof OptionsError ? 2 : 1);
  },
);
