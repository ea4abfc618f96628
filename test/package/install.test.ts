import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { environmentFor, startTemporalServer } from '../../examples/temporal-server/index.js';
import { exec, install, pack } from './pack.js';

const WORKFLOWS = `
const { proxyActivities } = require('@temporalio/workflow');
const { deadLetterId } = require('temporal-recovery/workflow');
const { write } = proxyActivities({ startToCloseTimeout: '10s' });
exports.sync = async () => {
  try { return await write(1); } catch (error) { return deadLetterId(error); }
};`;

/** The same program in both module systems; prints the outcome of a replay. */
const PROGRAM = `
let mended = false;
const activities = {
  async write(id) {
    if (!mended) throw Object.assign(new Error('rejected'), { status: 422 });
    return idempotencyKey();
  },
};
async function main() {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
  const connection = await NativeConnection.connect({ address });
  const taskQueue = 'packed-' + process.pid;
  const worker = await Worker.create({
    connection, namespace, taskQueue, activities, workflowsPath: WORKFLOWS,
    plugins: [new RecoveryPlugin({ taskQueue: taskQueue + '-recovery' })],
  });
  await worker.runUntil(async () => {
    const client = new Client({ connection, namespace });
    const id = await client.workflow.execute('sync', { workflowId: taskQueue, taskQueue });
    mended = true;
    const { outcome } = await new RecoveryClient({ client }).deadLetters.get(id).replay({ by: 'test' });
    console.log('outcome: ' + outcome);
  });
  await connection.close();
}
main().catch((error) => { console.error(error); process.exitCode = 1; });`;

const IMPORTS: Record<string, string> = {
  '@temporalio/worker': 'NativeConnection, Worker',
  '@temporalio/client': 'Client',
  'temporal-recovery': 'RecoveryPlugin',
  'temporal-recovery/client': 'RecoveryClient',
  'temporal-recovery/activity': 'idempotencyKey',
};

const TYPES = `
import { ErrorCategory, RecoveryPlugin, type RecoveryPluginOptions } from 'temporal-recovery';
import { type DeadLetterSummary, RecoveryClient } from 'temporal-recovery/client';
import { idempotencyKey, type OriginInfo } from 'temporal-recovery/activity';
import { apiRequest, type ApiResponse } from 'temporal-recovery/http';
import { ErrorAnalytics } from 'temporal-recovery/apilinker';
import { deadLetterId } from 'temporal-recovery/workflow';
export const answer: Promise<ApiResponse> = apiRequest('/');
export const options: RecoveryPluginOptions = { mode: 'observe' };
export const plugin: RecoveryPlugin = new RecoveryPlugin(options);
export const key: string = idempotencyKey();
export const id: string | undefined = deadLetterId(new Error());
export const category: ErrorCategory = ErrorCategory.SERVER;
export type All = [DeadLetterSummary, RecoveryClient, OriginInfo, ErrorAnalytics];
// @ts-expect-error an unknown option is an error, so the types are really there
new RecoveryPlugin({ unknown: 1 });
`;

describe('the packed package, installed in an empty project', () => {
  let folder: string;
  let packed: readonly string[] = [];
  let server: Awaited<ReturnType<typeof startTemporalServer>>;

  before(async () => {
    server = await startTemporalServer({ log: () => undefined });
    folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-package-'));
    const made = await pack(folder);
    packed = made.files;
    await install(folder, made);
    await writeFile(join(folder, 'workflows.js'), WORKFLOWS);
  });
  after(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
    await server?.stop();
  });

  test('holds the bundle, types, licence and README, and no tests, sources or maps', () => {
    for (const expected of ['LICENSE', 'README.md', 'dist/worker/index.d.ts'])
      assert.ok(packed.includes(expected), expected);
    assert.ok(packed.some((path) => /^dist\/workflows\/recovery-workflows\.sdk-.*\.bundle\.js$/.test(path)));
    assert.deepEqual(
      packed.filter((path) => /(^|\/)(test|examples|bench)\/|\.map$|(?<!\.d)\.ts$/.test(path)),
      [],
    );
    assert.ok(packed.length < 900, `${packed.length} files`);
  });

  test('has the command line', async () => {
    const bin = join(folder, 'node_modules', '.bin', 'temporal-recovery');
    const env = environmentFor(server);
    const help = await exec(bin, ['dlq', '--help'], { cwd: folder, env });
    assert.match(help.stdout, /Usage: temporal-recovery dlq/);
    const listed = await exec(bin, ['dlq', 'list', '--json', '--limit', '1'], { cwd: folder, env });
    assert.ok(Array.isArray(JSON.parse(listed.stdout)));
    const worker = execFile(bin, ['worker', '--recovery-task-queue', 'packed-alone'], { cwd: folder, env });
    let log = '';
    worker.stderr?.on('data', (part: string) => {
      log += part;
      // Once: a second signal ends it at once.
      if (!worker.killed && log.includes('the recovery worker runs')) worker.kill('SIGTERM');
    });
    const [code] = await once(worker, 'close');
    assert.equal(code, 0, log);
  });

  for (const system of ['cjs', 'mjs'] as const) {
    test(`a worker with the plugin, as ${system}`, async () => {
      const imports = Object.entries(IMPORTS).map(([from, names]) =>
        system === 'cjs' ? `const { ${names} } = require('${from}');` : `import { ${names} } from '${from}';`,
      );
      const path =
        system === 'cjs'
          ? "const WORKFLOWS = require.resolve('./workflows.js');"
          : "import { fileURLToPath } from 'node:url';\nconst WORKFLOWS = fileURLToPath(new URL('./workflows.js', import.meta.url));";
      await writeFile(join(folder, `main.${system}`), [...imports, path, PROGRAM].join('\n'));
      const { stdout } = await exec(process.execPath, [`main.${system}`], {
        cwd: folder,
        env: environmentFor(server),
        timeout: 120_000,
      });
      assert.match(stdout, /outcome: REPLAYED/);
    });
  }

  for (const [module, moduleResolution, extension] of [
    ['node16', 'node16', 'cts'],
    ['node16', 'node16', 'mts'],
    ['nodenext', 'nodenext', 'cts'],
    ['nodenext', 'nodenext', 'mts'],
    ['esnext', 'bundler', 'ts'],
  ] as const) {
    test(`types under moduleResolution ${moduleResolution}, .${extension}`, async () => {
      const file = join(folder, `types-${moduleResolution}.${extension}`);
      await writeFile(file, TYPES);
      const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
      const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', module];
      await exec(
        process.execPath,
        [tsc, ...flags, '--moduleResolution', moduleResolution, '--types', '', file],
        {
          cwd: folder,
        },
      ).catch(({ stdout }: { stdout: string }) => assert.fail(stdout));
    });
  }
});
