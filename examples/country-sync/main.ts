import { Cleanup } from '../support/cleanup.js';
import { logToFile } from '../support/log-file.js';
import { Display } from './display.js';
import { type Environment, startEnvironment } from './environment.js';
import { HELP, type Options, OptionsError, parseOptions } from './options.js';
import { type Replayed, replay, type Synced, showLetters, sync } from './phases.js';
import { compare, lostCount, table } from './report.js';
import type { countrySync } from './workflows.js';

const INTERRUPTED = 130;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(INTERRUPTED); // asked twice: at once
      interruption.abort();
    });
  }
  const display = new Display();
  const cleanup = new Cleanup();
  const logFile = logToFile();
  try {
    display.print(
      display.style('bold', `temporal-recovery: ${options.records} countries, from one REST API to another.`),
      'The target will limit, hang, go down and refuse bad records. Nothing may be lost.',
      '',
    );
    const environment = await startEnvironment(options, cleanup, (line) => display.event(line, 'dim'));
    return await environment.worker.runUntil(() => demo(environment, options, display, interruption.signal));
  } finally {
    display.hide();
    await cleanup.run();
    display.print(display.style('dim', `All stopped. Temporal's warnings: ${logFile}`));
  }
}

/** @returns the exit code */
async function demo(
  environment: Environment,
  options: Options,
  display: Display,
  interrupted: AbortSignal,
): Promise<number> {
  const { client, taskQueue, source, target, links } = environment;
  const workflowId = `country-sync-${new Date().toISOString().replace(/\.\d+Z$/, 'Z')}`;
  const handle = await client.workflow.start<typeof countrySync>('countrySync', { taskQueue, workflowId });
  display.print(
    '',
    `source    ${source.url}`,
    `target    ${target.url}`,
    `workflow  ${links?.workflow(workflowId) ?? workflowId}`,
    '',
  );
  const run = async () => {
    const synced = await sync(environment, handle, display, interrupted);
    display.event('sync: the workflow is complete, every record was tried', 'green');
    display.print('');
    showLetters(environment, synced.letters, display);
    display.print('');
    return check(environment, display, synced, await replay(environment, synced, display));
  };
  const lost = await Promise.race([run(), aborted(interrupted)]);
  if (lost === undefined) {
    display.hide();
    await handle.terminate('the demo was interrupted').catch(() => {});
    return INTERRUPTED;
  }
  if (display.isTerminal && !options.exit) {
    display.print(
      '',
      `Open for a look at the Temporal UI, until Ctrl-C: ${links?.list('') ?? '(address unknown)'}`,
    );
    await aborted(interrupted);
  }
  return lost === 0 ? 0 : 1;
}

/**
 * The closing table.
 * @returns how many records were lost
 */
async function check(
  { target, countries, failedAttempts }: Environment,
  display: Display,
  { progress }: Synced,
  replayed: Replayed,
): Promise<number> {
  const comparison = await compare(countries, target.url, replayed.edits);
  const lost = lostCount(comparison);
  const lines = table({ progress, replayed, comparison });
  display.print(
    '',
    ...lines.slice(0, -1),
    display.style(['bold', lost === 0 ? 'green' : 'red'], lines.at(-1) ?? ''),
  );
  display.print(
    '',
    `"Lost" compares what GET ${target.url}/countries returns with the source, record by record.`,
    `${failedAttempts.total} attempts failed on the way, in ${Math.round(display.seconds)} s. ` +
      'The plugin is one line in examples/country-sync/environment.ts.',
    'Quotas of tenants, a flood of bad records, one letter for one record: npm run example:quotas',
  );
  if (lost > 0) display.print(`Lost: ${[...comparison.missing, ...comparison.different].join(', ')}`);
  return lost;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const wrongOptions = error instanceof OptionsError;
    console.error(wrongOptions ? error.message : error);
    process.exitCode = wrongOptions ? 2 : 1;
  },
);
