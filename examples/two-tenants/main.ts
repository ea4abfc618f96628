// Two tenants, one service with a quota for each of them, and several worker processes that push to it.
import { setTimeout as wait } from 'node:timers/promises';
import { Cleanup } from '../support/cleanup.js';
import { OptionsError } from '../support/fleet-options.js';
import { startStage } from './environment.js';
import { HELP, parseOptions } from './options.js';
import { showProgress } from './progress.js';
import { type Chapter, report } from './report.js';
import { flood } from './scenes/flood.js';
import { knownLimit } from './scenes/known-limit.js';
import { oneLetter } from './scenes/one-letter.js';
import { unknownQuota } from './scenes/unknown-quota.js';
import type { Figure, Stage } from './stage.js';

const INTERRUPTED = 130;
/** Without the start of the server, which may have to be downloaded. It is about 45 s where all is well. */
const LONGEST_RUN_MS = 180_000;
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

/** Starts everything, and plays all scenes. */
async function play(workers: number, cleanup: Cleanup): Promise<Chapter[]> {
  const stage = await startStage(workers, cleanup);
  cleanup.add(showProgress(stage.service, stage.log));
  return Promise.race([playScenes(stage), tooLong()]);
}

/** One after the other: each has the workers to itself. */
async function playScenes(stage: Stage): Promise<Chapter[]> {
  const chapters: Chapter[] = [];
  for (const [title, scene] of SCENES) {
    console.log('');
    stage.log(title);
    chapters.push({ title, figures: await scene(stage) });
  }
  return chapters;
}

/** A call that waits for a promise which is not kept may wait for a day. */
async function tooLong(): Promise<never> {
  await wait(LONGEST_RUN_MS, undefined, { ref: false });
  throw new Error(`The scenes are not over after ${LONGEST_RUN_MS / 1_000} s`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof OptionsError ? error.message : error);
    process.exit(error instanceof OptionsError ? 2 : 1);
  },
);
