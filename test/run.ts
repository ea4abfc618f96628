// The test command: one Temporal server for all test files, then Node's own test runner, whose closing lines are
// the last thing printed. `node dist/test/run.js [part of a file name…]`
// With RETRY_FAILED_FILES=1, as in CI, files that failed run once more, one at a time. They stay in the output by name.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { environmentFor } from '../examples/temporal-server';
import { ReplacedServer } from './support/replaced-server';
import { serverVersions } from './support/server-versions';

// Force-exit: a file whose set-up failed may hold a connection open, and would sit out its whole time-out.
const FLAGS = [
  '--test',
  '--test-force-exit',
  // Of a whole file; all versions of the SDK and all set-ups of the package take more.
  `--test-timeout=${(process.env.SDK_VERSIONS ?? process.env.PACKAGES) === undefined ? 600_000 : 1_800_000}`,
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  `--test-reporter=${join(__dirname, 'support', 'failing-files.js')}`,
  '--test-reporter-destination=stderr',
];
/** More than these in one run are no flakes. */
const MAX_RETRIED = 5;
/** So many may have failed by a server that did not answer. */
const FAILED_BY_A_SERVER = 10;

/** Named one by one, because Node 20 takes no glob patterns. */
async function testFiles(filters: string[]): Promise<string[]> {
  const names = await readdir(__dirname, { recursive: true });
  return names
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => filters.length === 0 || filters.some((part) => name.includes(part)))
    .sort()
    .map((name) => relative(process.cwd(), join(__dirname, name)));
}

async function main(filters: string[]): Promise<number> {
  const files = await testFiles(filters);
  if (files.length === 0) {
    console.error(`No test file matches ${filters.join(' ') || '*.test.js'} in ${__dirname}`);
    return 1;
  }
  // Several test files at once would run into the limits.
  const kept = await ReplacedServer.start({ log: console.error });
  try {
    console.log(`Tests run against ${await serverVersions(kept.server)}`);
    return await runAndRetry(files, kept);
  } finally {
    await kept.stop();
  }
}

async function runAndRetry(files: string[], kept: ReplacedServer): Promise<number> {
  const env = environmentFor(kept.server);
  const first = await runTests(files, 2, env);
  const { failed } = first;
  if (first.code !== 1 || process.env.RETRY_FAILED_FILES !== '1') return first.code;
  // Once is the server's fault; more than that may be ours.
  if (kept.replaced > 1) {
    console.log(`\nThe server was replaced ${kept.replaced} times: nothing is repeated.`);
    return 1;
  }
  const most = MAX_RETRIED + kept.replaced * FAILED_BY_A_SERVER;
  if (failed.length === 0 || failed.length > most || !failed.every((file) => files.includes(file))) {
    return first.code;
  }
  console.log(
    `\nThese files failed and run once more, one at a time; if they pass now they are flaky, and are to be`,
  );
  console.log(`mended: ${failed.join(', ')}`);
  return (await runTests(failed, 1, env)).code;
}

interface TestRun {
  readonly code: number;
  /** Files with a test that failed. */
  readonly failed: string[];
}

async function runTests(files: string[], atOnce: number, env: NodeJS.ProcessEnv): Promise<TestRun> {
  const scratch = await mkdtemp(join(tmpdir(), 'temporal-recovery-tests-'));
  const list = join(scratch, 'failed');
  const flags = [...FLAGS, `--test-concurrency=${atOnce}`];
  const runner = spawn(process.execPath, [...flags, ...files], {
    env: { ...env, TEST_BUNDLES: scratch, FAILING_FILES: list },
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to the runner as well: outlive it, so that its summary still has a server and a parent.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => runner.kill('SIGTERM'));
  const [code, signal] = (await once(runner, 'close')) as [number | null, NodeJS.Signals | null];
  const failed = (await readFile(list, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  await rm(scratch, { recursive: true, force: true });
  return {
    code: signal === null ? (code ?? 1) : 128 + constants.signals[signal],
    failed: [...new Set(failed.map((file) => relative(process.cwd(), resolve(file))))],
  };
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
