// The test command: one Temporal server for all test files, then Node's own test runner, whose closing lines are
// the last thing printed. `node dist/test/run.js [part of a file name…]`
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { environmentFor, startTemporalServer } from '../examples/temporal-server';
import { GENEROUS_LIMITS } from '../examples/temporal-server/generous-limits';
import { serverVersions } from './support/server-versions';

// Force-exit: a file whose set-up failed may hold a connection open, and would sit out its whole time-out.
const FLAGS = [
  '--test',
  '--test-force-exit',
  '--test-concurrency=2',
  // Of a whole file; all versions of the SDK take more.
  `--test-timeout=${process.env.SDK_VERSIONS === undefined ? 240_000 : 1_800_000}`,
  '--test-reporter=spec',
];

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
  const server = await startTemporalServer({ log: console.error, dynamicConfig: GENEROUS_LIMITS });
  try {
    console.log(`Tests run against ${await serverVersions(server)}`);
    return await runTests(files, environmentFor(server));
  } finally {
    await server.stop();
  }
}

async function runTests(files: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const runner = spawn(process.execPath, [...FLAGS, ...files], { env, stdio: 'inherit' });
  // A terminal sends Ctrl-C to the runner as well: outlive it, so that its summary still has a server and a parent.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => runner.kill('SIGTERM'));
  const [code, signal] = (await once(runner, 'close')) as [number | null, NodeJS.Signals | null];
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
