// Two tenants, one service with a quota for each of them, and several worker processes that push to it.
import { Client, Connection } from '@temporalio/client';
import { RecoveryClient } from 'temporal-recovery/client';
import { Cleanup } from '../support/cleanup.js';
import { uiLinks } from '../support/ui-links.js';
import { startWorkerProcesses } from '../support/worker-processes.js';
import { startTemporalServer } from '../temporal-server/index.js';
import { HELP, OptionsError, parseOptions } from './options.js';
import { showProgress } from './progress.js';
import { breakerName } from './recovery.js';
import { report } from './report.js';
import { flood } from './scenes/flood.js';
import { knownLimit } from './scenes/known-limit.js';
import { oneLetter } from './scenes/one-letter.js';
import { unknownQuota } from './scenes/unknown-quota.js';
import { startService } from './service.js';
import type { Figure, Stage } from './stage.js';
import type { WorkerSettings } from './worker.js';

const INTERRUPTED = 130;
const SCENES: readonly (readonly [title: string, play: (stage: Stage) => Promise<Figure[]>])[] = [
  ['A quota that is known: limits, for each tenant', knownLimit],
  ['A quota that is not known: a refusal, then a wait', unknownQuota],
  ['A flood: a field was renamed, further calls are held', flood],
  ['One letter for one record', oneLetter],
];

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
  const interrupted = new Promise<undefined>((resolve) => {
    interruption.signal.addEventListener('abort', () => resolve(undefined));
  });
  const cleanup = new Cleanup();
  try {
    const chapters = await Promise.race([play(options.workers, cleanup), interrupted]);
    if (chapters === undefined) return INTERRUPTED;
    const { lines, isKept } = report(chapters);
    console.log(lines.join('\n'));
    if (process.stdout.isTTY && !options.exit) {
      console.log('\nOpen for a look at the Temporal UI, until Ctrl-C.');
      await interrupted;
    }
    return isKept ? 0 : 1;
  } finally {
    await cleanup.run();
  }
}

/** All scenes, one after the other. */
async function play(workers: number, cleanup: Cleanup) {
  const service = await startService();
  cleanup.add(() => service.stop());
  const { connectionOptions, namespace, uiUrl, stop } = await startTemporalServer({ log: console.log });
  cleanup.add(stop);
  const connection = await Connection.connect(connectionOptions);
  cleanup.add(() => connection.close());
  const client = new Client({ connection, namespace });

  const run = `two-tenants-${process.pid}`;
  const names = Array.from({ length: workers }, (_, index) => `w${index + 1}`);
  const shared: Omit<WorkerSettings, 'name'> = { serviceUrl: service.url, run, namespace, connectionOptions };
  const fleet = await startWorkerProcesses(require.resolve('./worker.js'), names, shared);
  cleanup.add(() => fleet.stop());
  if (uiUrl !== undefined) {
    const links = uiLinks(uiUrl, namespace);
    console.log(`
limit     ${links.workflow(`limit/${breakerName(run, 'orders')}`)}
breakers  ${links.list(`WorkflowId STARTS_WITH "circuit-breaker/${run}"`)}
letters   ${links.list(`RecoveryQueue = "${run}" AND WorkflowType = "deadLetter"`)}`);
  }
  const startedAt = Date.now();
  const log = (line: string) => {
    console.log(`${String(Math.floor((Date.now() - startedAt) / 1_000)).padStart(4)}s  ${line}`);
  };
  const stage: Stage = { service, client, recovery: new RecoveryClient({ client }), run, workers, log };
  cleanup.add(showProgress(service, log));
  const chapters: { title: string; figures: Figure[] }[] = [];
  for (const [title, scene] of SCENES) {
    console.log('');
    log(title);
    chapters.push({ title, figures: await scene(stage) });
  }
  return chapters;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof OptionsError ? error.message : error);
    process.exit(error instanceof OptionsError ? 2 : 1);
  },
);
