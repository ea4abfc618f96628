import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { useHarness } from '../support/harness.js';

const exec = promisify(execFile);
const cli = process.env.TEMPORAL_CLI_PATH ?? 'temporal';

/** Extensions came with version 1.6. One that was built from source names no version, but its server's, then 1.30. */
async function takesExtensions(): Promise<boolean> {
  const { stdout } = await exec(cli, ['--version']).catch(() => ({ stdout: '' }));
  const isFromSource = stdout.includes('-DEV');
  const [, major = 0, minor = 0] =
    (isFromSource ? /Server (\d+)\.(\d+)/ : /version v?(\d+)\.(\d+)/).exec(stdout)?.map(Number) ?? [];
  return major > 1 || (major === 1 && minor >= (isFromSource ? 30 : 6));
}

describe('temporal recovery, as an extension of the Temporal CLI', () => {
  const get = useHarness('extension');

  test('passes arguments, global flags and the exit code on', async (t) => {
    if (!(await takesExtensions())) return t.skip('needs Temporal CLI 1.6 or later');
    const { connectionOptions, namespace, queue } = get();
    const folder = await mkdtemp(join(tmpdir(), 'extension-'));
    try {
      const main = join(__dirname, '..', '..', 'cli', 'main.js');
      const command = join(folder, 'temporal-recovery');
      await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
      await chmod(command, 0o755);
      const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
      const recovery = (...args: string[]) => exec(cli, ['recovery', ...args], { env });
      const to = ['--address', connectionOptions.address ?? '', '--namespace', namespace];
      const shown = await recovery('dlq', 'list', '--queue', queue, ...to);
      assert.match(shown.stdout, /No open letters match/);
      const json = await recovery('dlq', 'list', '--queue', queue, ...to, '-o', 'json');
      assert.deepEqual(JSON.parse(json.stdout), []);
      const text = await exec(cli, ['-o', 'text', 'recovery', 'dlq', 'list', '--queue', queue, ...to], {
        env,
      });
      assert.match(text.stdout, /No open letters match/);
      assert.match((await recovery('dlq', '--help')).stdout, /^Usage: temporal-recovery dlq/);
      await assert.rejects(recovery('dlq', 'show', 'zzzzzzzz', ...to), { code: 4 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
