// Options, configuration files and command lines in which something is wrong: either they are taken, or the error
// says what is wrong, and is none of ours.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Client, type ConnectionLike } from '@temporalio/client';
import { type Command, CommanderError } from 'commander';
import { fromApiLinkerConfig } from 'temporal-recovery/apilinker';
import { stringify } from 'yaml';
import { connectionSettings } from '../../cli/connection/settings.js';
import { CliError, ExitCode } from '../../cli/exit-codes.js';
import { Output } from '../../cli/output/output.js';
import { createProgram } from '../../cli/program.js';
import { InvalidRequestError } from '../../client/errors.js';
import { RecoveryClient } from '../../client/recovery-client.js';
import { RecoveryPlugin } from '../../worker/index.js';
import type { RecoveryPluginOptions } from '../../worker/options/options.js';
import { arbitrary, COUNT, SEED } from './arbitrary.js';

/** Cheaper than what needs a server. */
const TIMES = 10 * COUNT;

const OPTIONS = {
  ...{ mode: 'active', taskQueue: 'q', queue: 'dlq', runRecoveryWorker: false, onExhausted: 'dead-letter' },
  ...{ maxRetries: 3, retryDelay: '1 second', maxRetryDelay: 5_000, backoffFactor: 2, patience: '1 hour' },
  ...{ maxRetryAfter: '1 day', secretNames: ['pin'], redactPersonalData: true, parkTimeout: '1 day' },
  ...{ replay: { maximumAttempts: 3, scheduleToStartTimeout: '1 minute' } },
  categories: { SERVER: { maxRetries: 5, retryDelay: 100 }, RATE_LIMIT: ['EXPONENTIAL_BACKOFF'] },
  operations: { 'sync*': { maxRetries: 1, breaker: 'host:a', queue: 'other', recordKey: '/0/id' } },
  queues: { dlq: { retention: '30 days', maxOpen: 100, autoReplay: ['1 minute', '1 hour'] } },
  breakers: { '*': { openTime: '30s', consecutiveFailures: 5, window: '1 minute' } },
};

const APILINKER = {
  source: { type: 'rest' },
  error_handling: {
    circuit_breakers: { a: { failure_threshold: 5, reset_timeout_seconds: 60, half_open_max_calls: 1 } },
    recovery_strategies: [
      { error_category: 'NETWORK', operation_type: 'read', strategies: ['RETRY', 'FAIL_FAST'] },
      { error_category: 'SERVER', strategies: ['EXPONENTIAL_BACKOFF', 'CIRCUIT_BREAKER'] },
    ],
    dlq: { directory: './dlq' },
  },
};

const TOML = `[profile.default]
address = "file:1"
namespace = "n"
api_key = "k"
[profile.default.tls]
disabled = false
server_name = "s"
client_cert_data = "c"
[profile.default.codec]
endpoint = "http://localhost:8081"
auth = "a"
[profile.default.grpc_meta]
a = "b"
`;

describe(`settings of any shape (seed ${SEED})`, () => {
  const { next, pick, anything, mutated } = arbitrary(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  after(() => rmSync(folder, { recursive: true }));

  test('options of the plugin', () => {
    for (let index = 0; index < TIMES; index++) {
      const options = mutated(OPTIONS, 0.08) as RecoveryPluginOptions;
      try {
        new RecoveryPlugin(options);
      } catch (error) {
        const { name, message } = error as Error;
        assert.equal(name, 'InvalidOptionsError', `${error}\n${JSON.stringify(options)}; seed ${SEED}`);
        assert.match(message, /expected|must|unknown|cannot|needs|not /i, `${message}; seed ${SEED}`);
      }
    }
  });

  test('configurations of APILinker', () => {
    for (let index = 0; index < TIMES; index++) {
      const text = damaged(stringify(mutated(APILINKER, 0.06)));
      try {
        new RecoveryPlugin(fromApiLinkerConfig(text));
      } catch (error) {
        assert.equal((error as Error).name, 'InvalidOptionsError', `${error}\n${text}; seed ${SEED}`);
      }
    }
  });

  test('configuration files of the connection', () => {
    const file = join(folder, 'temporal.toml');
    for (let index = 0; index < TIMES; index++) {
      const text = damaged(TOML.replaceAll('"n"', () => JSON.stringify(anything() ?? '')));
      writeFileSync(file, text);
      try {
        connectionSettings({ configFile: file }, {});
      } catch (error) {
        assert.ok(error instanceof CliError, `${error}\n${text}; seed ${SEED}`);
        assert.equal(error.exitCode, ExitCode.USAGE);
      }
    }
  });

  test('command lines', async (t) => {
    t.mock.method(process.stdout, 'write', () => true);
    t.mock.method(process.stderr, 'write', () => true);
    const reached = new Set<string>();
    const taken = { count: 0 };
    const commands = commandsOf(createProgram(true, async () => undefined));
    for (let index = 0; index < TIMES; index++) {
      const [path, command] = pick(commands);
      const words = Array.from({ length: Math.floor(next() * 5) }, () => wordOf(command));
      const argv = [...path, ...words.flat()];
      try {
        await lineOf(argv);
        taken.count++;
      } catch (error) {
        if (hasReached(error)) {
          reached.add(path.join(' '));
          continue;
        }
        const isOurs =
          error instanceof CliError ||
          error instanceof CommanderError ||
          error instanceof InvalidRequestError;
        assert.ok(isOurs, `${(error as Error).stack}\n${JSON.stringify(argv)}; seed ${SEED}`);
        assert.ok((error as Error).message.length > 5);
      }
    }
    // It was not all refused at the door.
    assert.ok(reached.size > 5, [...reached].join());
  });

  /** With a few bytes that are others, gone or doubled. */
  function damaged(text: string): string {
    let result = text;
    while (next() < 0.4) {
      const at = Math.floor(next() * result.length);
      const piece = pick([
        '',
        ':',
        '"',
        '\t',
        '- ',
        '\n',
        '\u0000',
        '&a ',
        '*a',
        '{',
        ']',
        '=',
        'é',
        '99999999999999999999',
      ]);
      result = result.slice(0, at) + piece + result.slice(at + Math.floor(next() * 3));
    }
    return result;
  }

  function wordOf(command: Command): string[] {
    const value = () => {
      const given = next() < 0.5 ? pick(PLAIN_WORDS) : anything();
      // Commander takes no others: arguments of a process have no NUL.
      return (typeof given === 'string' ? given : JSON.stringify(given)).replaceAll('\u0000', '');
    };
    const flags = command.options.map(({ long }) => long).filter((flag) => flag !== undefined);
    const kind = next();
    if (flags.length === 0 || kind < 0.3) return [value()];
    if (kind < 0.9) return [pick(flags), ...(next() < 0.7 ? [value()] : [])];
    return [`--${value()}`];
  }
});

const PLAIN_WORDS = [
  ...['dead-letter/a', 'SERVER', 'WAITING', '5', '0.5', '1h', '2026-01-01', 'dlq', 'a=b', '[{"n":1}]', '{}'],
  ...['[{"op":"replace","path":"/0/n","value":2}]', '10%', 'json', 'default', 'replayed', 'reset', '--yes'],
];

class ReachedServer extends Error {}

/** Also within what the SDK's client makes of it; `setup` asks for a connection of its own. */
function hasReached(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error instanceof ReachedServer || error.message === 'setup needs a Connection' || hasReached(error.cause)
  );
}

/** All that would go to the server ends here. */
const noServer: unknown = new Proxy(() => undefined, {
  get: (_, key) => (key === 'then' || key === 'plugins' ? undefined : noServer),
  apply: () => {
    throw new ReachedServer();
  },
});
const client = new Client({ connection: noServer as ConnectionLike });

async function lineOf(argv: readonly string[]): Promise<void> {
  const program = createProgram(true, async (command, work) => {
    const flags = command.optsWithGlobals();
    const settings = connectionSettings(flags, {});
    await work({
      ...{ client, recovery: new RecoveryClient({ client }), settings },
      ...{ output: new Output('json'), recoveryTaskQueue: 'q' },
    });
  });
  await program.parseAsync(argv, { from: 'user' });
}

/** Those that do their work in a session: `worker` starts one, and `help` is of Commander. */
function commandsOf(program: Command, path: readonly string[] = []): [string[], Command][] {
  return program.commands
    .filter((command) => !(path.length === 0 && command.name() === 'worker'))
    .flatMap((command) => {
      const own = [...path, command.name()];
      return command.commands.length > 0 ? commandsOf(command, own) : [[own, command] as [string[], Command]];
    });
}
