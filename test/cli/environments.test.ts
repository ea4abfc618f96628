import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type BreakerSnapshot, type BreakerSummary, RecoveryClient } from 'temporal-recovery/client';
import { ensureBreaker } from '../../client/circuit-breaker/entity.js';
import { DEFAULT_BREAKER_CONFIG } from '../../common/circuit-breaker/index.js';
import { EncryptionCodec } from '../support/encryption-codec.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import { startCodecServer } from './codec-server.js';
import { cliOf, runCli, startCli, text } from './command-line.js';

const SECRET = 'cli-test';

describe('the command line and the server', () => {
  const get = useHarness('cli-server');

  test('no connection: says what was tried, where it came from, and ends with 3', async () => {
    const { code, stderr } = await runCli(['dlq', 'list', '--address', 'localhost:1'], {
      env: { TEMPORAL_NAMESPACE: 'mine' },
    });
    assert.equal(code, 3);
    assert.match(stderr, /could not be reached: nothing listens there \(ECONNREFUSED\)/);
    assert.match(stderr, /address +localhost:1 +\(flag --address\)/);
    assert.match(stderr, /namespace +mine +\(environment TEMPORAL_NAMESPACE\)/);
    assert.match(stderr, /TLS +off +\(default\)/);
    const json = await runCli(['breaker', 'list', '--address', 'localhost:1', '--json']);
    assert.equal(JSON.parse(json.stderr).error.exitCode, 3);
    assert.equal((await runCli(['worker', '--address', 'localhost:1'])).code, 3);
  });

  test('usage errors end with 2, as JSON where that was asked for', async () => {
    assert.equal((await runCli(['dlq', 'lst'])).code, 2);
    const { code, stderr } = await runCli(['dlq', 'list', '--colour', '--json']);
    assert.equal(code, 2);
    assert.match(JSON.parse(stderr).error.message, /unknown option '--colour'/);
    const lines = await runCli(['dlq', 'lst', '-o', 'jsonl']);
    assert.equal(JSON.parse(lines.stderr).error.exitCode, 2);
    assert.equal(lines.stderr.trim().split('\n').length, 1);
    const format = await runCli(['dlq', 'list', '-o', 'xml']);
    assert.equal(format.code, 2);
    assert.match(format.stderr, /--output must be one of table, wide, json, jsonl/);
    assert.equal((await runCli(['--help'])).code, 0);
    assert.match((await runCli(['--version'])).stdout, /^\d+\.\d+\.\d+/);
  });

  test('a command without its sub-command shows its help on stdout, which is no error', async () => {
    for (const command of [[], ['dlq'], ['breaker']]) {
      const { code, stdout, stderr } = await runCli(command);
      assert.equal(code, 0, command.join(' '));
      assert.match(stdout, new RegExp(`^Usage: temporal-recovery ${command.join(' ')}`));
      assert.equal(stderr, '');
    }
  });

  test('a profile of a config file tells address and namespace', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-profile-'));
    try {
      const file = join(folder, 'temporal.toml');
      const { TEMPORAL_ADDRESS: address } = process.env;
      await writeFile(file, `[profile.ops]\naddress = "${address}"\nnamespace = "${get().namespace}"\n`);
      const env = {
        TEMPORAL_ADDRESS: undefined,
        TEMPORAL_NAMESPACE: undefined,
        TEMPORAL_CONFIG_FILE: undefined,
      };
      const args = ['dlq', 'list', '--queue', get().queue];
      const byFlag = await runCli([...args, '--config-file', file, '--profile', 'ops'], { env });
      assert.equal(byFlag.code, 0, byFlag.stderr);
      assert.match(byFlag.stdout, /No open letters match/);
      const byEnv = await runCli(args, {
        env: { ...env, TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'ops' },
      });
      assert.equal(byEnv.code, 0, byEnv.stderr);
      const absent = await runCli([...args, '--config-file', file, '--profile', 'none'], { env });
      assert.equal(absent.code, 2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('setup registers what a namespace lacks, once, and prints the views', async () => {
    const namespace = get().id('bare');
    await get().client.connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const before = await runCli(['dlq', 'list', '-n', namespace]);
    assert.equal(before.code, 1);
    assert.match(before.stderr, /lacks the search attributes .*temporal-recovery setup/);
    type Setup = { registered: string[]; existed: string[]; views: { query: string; link: string }[] };
    const setup = ['setup', '-n', namespace, '--json', '--ui-address', 'http://ui'];
    // The frontend learns of a new namespace a moment later.
    const first = await eventually(async () => {
      const finished = await runCli(setup);
      return finished.code === 0 && (JSON.parse(finished.stdout) as Setup);
    });
    assert.equal(first.registered.length + first.existed.length, 6);
    const second = JSON.parse((await runCli(setup)).stdout) as Setup;
    assert.deepEqual([second.registered.length, second.existed.length], [0, 6]);
    for (const { query, link } of second.views) {
      assert.ok(link.startsWith(`http://ui/namespaces/${namespace}/workflows?query=`));
      await get().client.connection.workflowService.countWorkflowExecutions({ namespace, query });
    }
    const shown = await runCli(['setup', '-n', namespace]);
    assert.match(shown.stdout, /All 6 search attributes are registered/);
    assert.match(shown.stdout, /WorkflowType="deadLetter" AND RecoveryStatus="WAITING"/);
    assert.equal((await runCli(['dlq', 'list', '-n', namespace])).code, 0);
  });

  test('a breaker is listed, shown, forced and reset', async () => {
    const { client, recoveryTaskQueue, id, startWorker, plugin } = get();
    await startWorker({ plugins: [plugin()], workflowsPath });
    const name = id('crm');
    const configuredAt = new Date().toISOString();
    await ensureBreaker(client, recoveryTaskQueue, { name, config: DEFAULT_BREAKER_CONFIG, configuredAt });
    const { json, run } = cliOf(get());
    for (const [order, state, ...flags] of [
      ['open', 'FORCED_OPEN', '--expires-in', '10m'],
      ['bypass', 'METRICS_ONLY', '--yes'],
      ['reset', 'CLOSED'],
      ['close', 'METRICS_ONLY', '--yes'],
      ['disable', 'DISABLED', '--yes'],
      ['reset', 'CLOSED'],
    ] as const) {
      const { answer, stderr } = await json<BreakerSnapshot>([
        'breaker',
        order,
        name,
        '--by',
        'ada',
        ...flags,
      ]);
      assert.equal(answer?.status, state, stderr);
      assert.match(answer.why ?? '', /by ada/);
    }
    const shown = await run(['breaker', 'show', name]);
    assert.match(shown.stdout, /CLOSED for \d+s/);
    assert.match(shown.stdout, /DISABLED → CLOSED/);
    const { answer } = await json<BreakerSummary[]>(['breaker', 'list']);
    assert.ok(answer.some((breaker) => breaker.name === name));
    assert.equal((await run(['breaker', 'bypass', id('absent'), '--yes'])).code, 4);
    for (const order of ['bypass', 'disable']) {
      const unprotected = await run(['breaker', order, name]);
      assert.equal(unprotected.code, 2);
      assert.match(unprotected.stderr, /Let all calls of circuit breaker ".*" pass.*give --yes/);
    }
    const before = await run(['breaker', 'close', name, '--yes']);
    assert.match(before.stderr, /"breaker close" is now "breaker bypass".*breaker reset/);
    await run(['breaker', 'reset', name]);
    // Before the first failure: it asks, since the name may be a typing error, and there is no terminal.
    const asked = await run(['breaker', 'open', id('absent')]);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /There is no circuit breaker ".*absent" yet/);
    const made = await json<BreakerSnapshot>(['breaker', 'open', id('absent'), '--yes']);
    assert.equal(made.answer?.status, 'FORCED_OPEN', made.stderr);
    assert.match(made.stderr, /It stays so until: temporal-recovery breaker reset/);
    assert.equal((await run(['breaker', 'open', name, '--expires-in', '30'])).code, 2);
  });

  test('worker: answers with the codecs of the workers, and stops on SIGTERM; without one it is said', async () => {
    const h = get();
    const taskQueue = h.id('encrypted');
    const recoveryTaskQueue = h.id('encrypted-recovery');
    const codecModule = require.resolve('./data-converter.js');
    const { run, json } = cliOf({ recoveryTaskQueue });
    const dataConverter = { payloadCodecs: [new EncryptionCodec(SECRET)] };
    await h.startWorker({
      ...{ taskQueue, workflowsPath, dataConverter },
      plugins: [h.plugin({ taskQueue: recoveryTaskQueue, queue: taskQueue, runRecoveryWorker: false })],
      activities: {
        async write(text: string) {
          if (text !== 'good') throw Object.assign(new Error('rejected'), { status: 422 });
        },
      },
    });
    const { Client } = await import('@temporalio/client');
    const client = new Client({ connection: h.client.connection, namespace: h.namespace, dataConverter });
    const { deadLetterId = '' } = await client.workflow.execute<typeof callOne>('callOne', {
      workflowId: h.id('encrypted-call'),
      taskQueue,
      args: ['write', ['bad']],
    });
    const { deadLetters } = new RecoveryClient({ client: h.client });
    await eventually(async () => (await deadLetters.count({ queue: taskQueue })) === 1);
    const encoded = await run(['dlq', 'list', '--queue', taskQueue]);
    assert.equal(encoded.code, 0, encoded.stderr);
    assert.match(encoded.stdout, /WAITING +\d+[sm] +VALIDATION +write/);
    assert.match(encoded.stdout, /1 of them are encoded: .*--data-converter/);
    assert.equal((await deadLetters.groups({ queue: taskQueue }))[0]?.letters, 1);
    assert.equal(await deadLetters.find(deadLetterId.slice(0, -1)), deadLetterId);
    const nobody = await run(['dlq', 'show', deadLetterId, '--data-converter', codecModule]);
    assert.equal(nobody.code, 3, nobody.stdout + nobody.stderr);
    assert.match(
      nobody.stderr,
      new RegExp(`No recovery worker answered on task queue "${recoveryTaskQueue}"`),
    );

    const codecServer = await startCodecServer(SECRET, 'Bearer t0ken');
    const worker = startCli([
      'worker',
      '--recovery-task-queue',
      recoveryTaskQueue,
      '--data-converter',
      codecModule,
    ]);
    const [stdout, stderr] = [text(worker, 'stdout'), text(worker, 'stderr')];
    try {
      await eventually(() => stderr().includes('the recovery worker runs'));
      const shown = await run(['dlq', 'show', deadLetterId, '--data-converter', codecModule]);
      assert.match(shown.stdout, /"bad"/, shown.stderr);
      const refused = await run(['dlq', 'edit', deadLetterId, '--yes'], { env: { EDITOR: 'true' } });
      assert.match(refused.stderr, /--data-converter/);
      const byServer = ['--codec-endpoint', `${codecServer.url}/`, '--codec-auth', 'Bearer t0ken'];
      const decoded = await run(['dlq', 'show', deadLetterId, ...byServer]);
      assert.match(decoded.stdout, /"bad"/, decoded.stderr);
      assert.deepEqual([...codecServer.namespaces], [h.namespace]);
      const listed = await run(['dlq', 'list', '--queue', taskQueue, ...byServer]);
      assert.match(listed.stdout, /rejected/, listed.stderr);
      assert.doesNotMatch(listed.stdout, /are encoded/);
      const denied = await run(['dlq', 'show', deadLetterId, ...byServer.slice(0, 3), 'wr0ng']);
      assert.equal(denied.code, 3, denied.stdout);
      assert.match(
        denied.stderr,
        /codec server .* \(flag --codec-endpoint\) answered 401 to decode: who are you\?/,
      );
      assert.doesNotMatch(denied.stderr, /wr0ng/);
      const edited = await json<{ outcome: string }[]>([
        ...['dlq', 'edit', deadLetterId, '--args', '["good"]', ...byServer],
      ]);
      assert.equal(edited.answer[0]?.outcome, 'REPLAYED', edited.stderr);
    } finally {
      worker.kill('SIGTERM');
      await codecServer.close();
    }
    const [code] = (await once(worker, 'close')) as [number | null];
    assert.equal(code, 0, stderr());
    assert.match(stderr(), /the recovery worker has stopped/);
    assert.equal(stdout(), '');
  });

  test('a module that is no data converter is refused', async () => {
    const absent = await runCli(['dlq', 'list', '--data-converter', './none.js']);
    assert.equal(absent.code, 2);
    assert.match(absent.stderr, /--data-converter: .\/none.js could not be loaded/);
    const wrong = await runCli(['dlq', 'list', '--data-converter', 'node:fs']);
    assert.equal(wrong.code, 2);
    const both = ['--data-converter', require.resolve('./data-converter.js'), '--codec-endpoint', 'http://c'];
    assert.match((await runCli(['dlq', 'list', ...both])).stderr, /give one of them/);
    const noUrl = await runCli(['dlq', 'list', '--codec-endpoint', 'codec:8081']);
    assert.equal(noUrl.code, 2);
    assert.match(noUrl.stderr, /must begin with http:\/\/ or https:\/\/; got codec:8081/);
    const secret = ['--codec-endpoint', 'ftp://ada:s3cr3t@codec/x?token=t0ken'];
    assert.doesNotMatch((await runCli(['dlq', 'list', ...secret])).stderr, /s3cr3t|t0ken/);
    const worker = await runCli(['worker', '--codec-endpoint', 'http://codec:8081']);
    assert.equal(worker.code, 2);
    assert.match(worker.stderr, /--codec-endpoint is for people/);
  });

  test('other commands do not load the worker’s native module', async () => {
    const { stdout } = await runCli(['dlq', 'list', '--queue', get().queue], {
      env: { NODE_OPTIONS: `--require ${require.resolve('./loaded-modules.js')}` },
    });
    assert.match(stdout, /native: false/);
  });
});
