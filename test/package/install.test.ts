import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { environmentFor, startTemporalServer } from '../../examples/temporal-server/index.js';
import { exec, pack, root } from './pack.js';
import { writeProject } from './project.js';
import { NPM } from './set-ups.js';

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

/** They take long to install. */
const LINTERS =
  process.env.PACKAGES === 'all'
    ? [
        ['publint', 'npx -y publint@0.3 --strict'],
        ['are the types wrong', 'npx -y @arethetypeswrong/cli@0.18'],
      ]
    : [];

describe('the packed package, installed in an empty project', () => {
  let folder: string;
  let packed: readonly string[] = [];
  let tarball: string;
  let server: Awaited<ReturnType<typeof startTemporalServer>>;

  before(async () => {
    server = await startTemporalServer({ log: () => undefined });
    folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-package-'));
    const made = await pack(folder);
    packed = made.files;
    tarball = made.tarball;
    await writeProject(folder, { name: 'types and command line', run: [] }, made);
    await exec('sh', ['-c', NPM], { cwd: folder });
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
    assert.ok(packed.length < 1_300, `${packed.length} files`);
  });

  test('holds all that its pages link to', async () => {
    const broken: string[] = [];
    for (const page of packed.filter((path) => path.endsWith('.md'))) {
      const text = await readFile(join(root, page), 'utf8');
      for (const { 1: target = '' } of text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
        const path = posix.normalize(posix.join(posix.dirname(page), target)).replace(/\/$/, '');
        if (/^[a-z]+:/.test(target) || packed.some((each) => each === path || each.startsWith(`${path}/`)))
          continue;
        broken.push(`${page}: ${target}`);
      }
    }
    assert.deepEqual(broken, []);
  });

  test('code and types name no source map, since none is packed', async () => {
    for (const path of packed.filter((each) => /(?<!\.bundle)\.(js|d\.ts)$/.test(each)))
      assert.ok(!(await readFile(join(root, path), 'utf8')).includes('//# sourceMappingURL='), path);
  });

  for (const [tool, command] of LINTERS) {
    test(`${tool} finds no problem`, async () => {
      await exec('sh', ['-c', `${command} ${tarball}`], { cwd: folder }).catch(({ stdout, stderr }) =>
        assert.fail(`${stdout}${stderr}`),
      );
    });
  }

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
