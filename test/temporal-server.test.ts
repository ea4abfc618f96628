import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import {
  environmentFor,
  RECOVERY_SEARCH_ATTRIBUTES,
  searchAttributeCommand,
  startTemporalServer,
  type TemporalServer,
  withConnection,
  withoutConnection,
} from '../examples/temporal-server';
import { cachedBinary, findOnPath } from '../examples/temporal-server/cache';
import { poll } from '../examples/temporal-server/poll';

const MODULE = require.resolve('../examples/temporal-server');
const onUnix = { skip: process.platform === 'win32' ? 'the fake commands are shell scripts' : false };

describe('the Temporal server, found or made', () => {
  /** The environment of the test run, without the server the other test files share. */
  const ambient = withoutConnection(process.env);
  let made: TemporalServer;
  let binary: string;
  let scratch: string;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'temporal-server-'));
    made = await startTemporalServer({ env: ambient });
    binary =
      ambient.TEMPORAL_CLI_PATH ||
      (await findOnPath('temporal', ambient)) ||
      (await cachedBinary(ambient)) ||
      '';
    assert.notEqual(binary, '', 'the server was started from some binary');
  });

  after(async () => {
    await made?.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  /** An environment in which there is nothing at all. */
  async function bare(extra: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
    const cache = await mkdtemp(join(scratch, 'cache-'));
    return {
      PATH: '',
      HOME: scratch,
      TEMPORAL_RECOVERY_CACHE: cache,
      TEMPORAL_RECOVERY_OFFLINE: '1',
      ...extra,
    };
  }

  async function script(name: string, ...lines: string[]): Promise<{ path: string; directory: string }> {
    const directory = await mkdtemp(join(scratch, 'bin-'));
    const path = join(directory, name);
    await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
    await chmod(path, 0o755);
    return { path, directory };
  }

  describe('made here', () => {
    it('answers, knows the search attributes and serves the Web UI', async () => {
      await assertAnswers(made);
      assert.equal((await fetch(made.uiUrl ?? '')).status, 200);
    });

    it('runs the binary TEMPORAL_CLI_PATH names, and stops it', async () => {
      const server = await startTemporalServer({ env: await bare({ TEMPORAL_CLI_PATH: binary }) });
      assert.match(server.origin, /TEMPORAL_CLI_PATH/);
      await assertAnswers(server);
      await server.stop();
      await untilGone(server.address);
      await server.stop();
    });

    it('runs temporal from PATH', async () => {
      const directory = await mkdtemp(join(scratch, 'bin-'));
      await symlink(binary, join(directory, 'temporal'));
      const server = await startTemporalServer({ env: await bare({ PATH: directory }) });
      assert.match(server.origin, /temporal on PATH/);
      await server.stop();
    });

    it('runs a binary cached by an earlier run', async () => {
      const env = await bare();
      const directory = join(env.TEMPORAL_RECOVERY_CACHE ?? '', 'temporal-cli-1.5.1');
      await mkdir(directory);
      await symlink(binary, join(directory, 'temporal'));
      const server = await startTemporalServer({ env });
      assert.match(server.origin, /cached by an earlier run/);
      await server.stop();
    });

    it('is built with go when the download fails, once for all who want it', onUnix, async () => {
      const builds = join(scratch, 'builds');
      const go = await script('go', `echo build >> '${builds}'`, `/bin/ln -s '${binary}' "$GOBIN/temporal"`);
      const env = await bare({
        PATH: go.directory,
        TEMPORAL_RECOVERY_OFFLINE: '',
        // Nothing listens there, so the download is refused whether or not there is a network.
        HTTPS_PROXY: 'http://127.0.0.1:1',
      });
      const servers = await Promise.all([startTemporalServer({ env }), startTemporalServer({ env })]);
      assert.equal(await readFile(builds, 'utf8'), 'build\n');
      for (const server of servers) assert.match(server.origin, /go install/);
      await Promise.all(servers.map((server) => server.stop()));
    });

    it('takes another port for the Web UI when the wanted one is busy', async () => {
      const uiPort = Number(new URL(made.uiUrl ?? '').port);
      const server = await startTemporalServer({ env: await bare({ TEMPORAL_CLI_PATH: binary }), uiPort });
      assert.notEqual(server.uiUrl, made.uiUrl);
      await server.stop();
    });

    for (const [how, says] of [
      ['when somebody took one meanwhile', "echo 'bind: address already in use' >&2;"],
      ['when it ends without a word', ''],
    ] as const) {
      it(`tries other ports ${how}`, onUnix, async () => {
        const marker = join(await mkdtemp(join(scratch, 'conflict-')), 'seen');
        const cli = await script(
          'temporal',
          `if [ ! -e '${marker}' ]; then`,
          `  : > '${marker}'; ${says} exit 1`,
          'fi',
          `exec '${binary}' "$@"`,
        );
        const server = await startTemporalServer({ env: await bare({ TEMPORAL_CLI_PATH: cli.path }) });
        await assertAnswers(server);
        await server.stop();
      });
    }
  });

  describe('that already exists', () => {
    it('is used through TEMPORAL_ADDRESS, gets missing search attributes, and is not stopped', async () => {
      const env = await bare({ TEMPORAL_ADDRESS: made.address, TEMPORAL_UI_URL: 'http://ui.example' });
      const lines: string[] = [];
      const log = (line: string) => lines.push(line);
      const server = await startTemporalServer({
        env,
        searchAttributes: ['RecoveryQueue', 'AddedLater'],
        log,
      });
      assert.equal(server.address, made.address);
      assert.equal(server.uiUrl, 'http://ui.example');
      assert.ok(
        lines.includes('Registering search attributes in namespace default: AddedLater'),
        lines.join('\n'),
      );
      await assertAnswers(server, ['AddedLater']);
      await server.stop();
      await assertAnswers(made);
    });

    it('may refuse search attributes: then the command to register them is printed', async () => {
      const lines: string[] = [];
      // Far more than a development server has columns for.
      const env = await bare({ TEMPORAL_ADDRESS: made.address });
      const searchAttributes = Array.from({ length: 60 }, (_, index) => `TooMany${index}`);
      const server = await startTemporalServer({ env, searchAttributes, log: (line) => lines.push(line) });
      assert.ok(
        lines.some((line) => line.includes(searchAttributeCommand('default', searchAttributes))),
        lines.join('\n'),
      );
      await assertAnswers(server);
    });

    it('is what environmentFor tells a child process, without the credentials of another', () => {
      const env = environmentFor(made, { PATH: '/bin', TEMPORAL_API_KEY: 'secret', TEMPORAL_TLS: 'true' });
      const { TEMPORAL_CONFIG_FILE: _, ...rest } = env;
      const { address, uiUrl } = made;
      const expected = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default', TEMPORAL_UI_URL: uiUrl };
      assert.deepEqual(rest, { PATH: '/bin', ...expected });
    });
  });

  describe('ends with its owner', () => {
    it('killed with SIGKILL', async () => {
      const owner = await startOwner(await bare({ TEMPORAL_CLI_PATH: binary }));
      owner.process.kill('SIGKILL');
      await untilGone(owner.address);
    });

    it('interrupted with SIGINT', async () => {
      const owner = await startOwner(await bare({ TEMPORAL_CLI_PATH: binary }));
      owner.process.kill('SIGINT');
      await untilGone(owner.address);
    });

    it('that simply has nothing left to do', async () => {
      const owner = await startOwner(await bare({ TEMPORAL_CLI_PATH: binary }), '');
      if (owner.process.exitCode === null) await once(owner.process, 'exit');
      assert.equal(owner.process.exitCode, 0);
      await untilGone(owner.address);
    });
  });

  describe('cannot be had', () => {
    it('because TEMPORAL_CLI_PATH does not exist: it is named', async () => {
      const path = join(scratch, 'nowhere', 'temporal');
      await assert.rejects(startTemporalServer({ env: await bare({ TEMPORAL_CLI_PATH: path }) }), {
        message: `TEMPORAL_CLI_PATH names no executable file: ${path}`,
      });
    });

    it('because the binary ends early: what it said is shown', onUnix, async () => {
      const cli = await script('temporal', 'echo "unknown flag: --ui-port" >&2', 'exit 3');
      await assert.rejects(
        startTemporalServer({ env: await bare({ TEMPORAL_CLI_PATH: cli.path }) }),
        /ended early with exit code 3\s+unknown flag: --ui-port/,
      );
    });

    it('by any means: every attempt is listed with its reason, and what to do', onUnix, async () => {
      const cli = await script('temporal', 'echo "no such command" >&2', 'exit 2');
      const error = await startTemporalServer({ env: await bare({ PATH: cli.directory }) }).then(
        () => assert.fail('there is no server'),
        (reason: Error) => reason,
      );
      for (const part of [
        /TEMPORAL_ADDRESS is not set/,
        /TEMPORAL_CLI_PATH is not set/,
        /temporal on PATH: .* ended early with exit code 2\s+no such command/,
        /cached by an earlier run: there is none in /,
        /downloaded by the SDK: switched off by TEMPORAL_RECOVERY_OFFLINE=1/,
        /go install: switched off by TEMPORAL_RECOVERY_OFFLINE=1/,
        /Install the Temporal CLI .*set TEMPORAL_CLI_PATH/,
        /set TEMPORAL_ADDRESS/,
      ]) {
        assert.match(error.message, part);
      }
    });
  });
});

/** Starts a process that owns a server and then runs `next`. */
async function startOwner(env: NodeJS.ProcessEnv, next = 'setInterval(() => {}, 1e6);') {
  const code = `require(${JSON.stringify(MODULE)}).startTemporalServer().then((server) => {
    console.log(server.address);
    ${next}
  });`;
  const owner: ChildProcess = spawn(process.execPath, ['-e', code], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [address] = (await once(createInterface({ input: owner.stdout ?? process.stdin }), 'line')) as [
    string,
  ];
  return { process: owner, address };
}

async function assertAnswers(server: TemporalServer, attributes = RECOVERY_SEARCH_ATTRIBUTES): Promise<void> {
  const query = attributes.map((name) => `${name} = 'x'`).join(' OR ');
  await withConnection(server.connectionOptions, async ({ workflowService }) => {
    const { count } = await workflowService.countWorkflowExecutions({ namespace: server.namespace, query });
    assert.equal(Number(count), 0);
  });
}

async function untilGone(address: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const refused = async () => {
    const socket = connect(Number(port), hostname);
    const outcome = await once(socket, 'connect').then(
      () => 'connected',
      (error: NodeJS.ErrnoException) => error.code,
    );
    socket.destroy();
    assert.equal(outcome, 'ECONNREFUSED');
  };
  await poll(refused, { what: 'Server gone', timeoutMs: 20_000 });
}
