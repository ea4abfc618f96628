import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { reportErrors, sendAlerts } from '../../client/error-analytics/entity.js';
import { startReceiver } from '../alerts/receiver.js';
import { eventually, useHarness } from '../support/harness.js';
import { cliOf, runCli, startCli, text } from './command-line.js';

const error = {
  category: 'SERVER',
  operation: 'charge',
  host: 'pay.example.com',
  group: 'g1',
  statusCode: 503,
  pattern: 'down for <n> s',
};

describe('temporal-recovery errors', () => {
  const get = useHarness('cli-errors');
  const report = (recoveryTaskQueue: string) =>
    reportErrors(get().client, recoveryTaskQueue, {
      ...{ v: 1, worker: 'a', sequence: 1, sentAt: Date.now() },
      errors: [
        { ...error, count: 7, agoMs: 0 },
        { category: 'NETWORK', operation: 'load', count: 2, agoMs: 0 },
      ],
    });
  /** A recovery worker in a process of its own. */
  const startRecoveryWorker = async (recoveryTaskQueue: string, ...more: string[]) => {
    const child = startCli(['worker', '--recovery-task-queue', recoveryTaskQueue, ...more]);
    const stderr = text(child, 'stderr');
    await eventually(() => stderr().includes('the recovery worker runs'));
    return async () => {
      child.kill('SIGTERM');
      await eventually(() => child.exitCode !== null);
    };
  };

  test('shows what workers have reported, then letters; as JSON too', async () => {
    const recoveryTaskQueue = get().id('reported');
    await report(recoveryTaskQueue);
    const stop = await startRecoveryWorker(recoveryTaskQueue);
    const cli = cliOf({ recoveryTaskQueue });
    const shown = await cli.run(['errors', '--since', '1h']);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(
      shown.stdout,
      /^9 attempts failed since .*, \d+\.\d a minute in the last 5 minutes; 1 worker reported/,
    );
    assert.match(shown.stdout, /Attempts by category\n +7 {2}SERVER\n +2 {2}NETWORK/);
    assert.match(shown.stdout, /Attempts by host\n +7 {2}pay\.example\.com/);
    assert.match(shown.stdout, /g1 +7 {2}SERVER 503 +charge +down for <n> s/);
    assert.match(shown.stdout, /dead letters? (were|was) written since/);
    const { answer } = await cli.json<{ attempts: { totalErrors: number }; total: number }>([
      'errors',
      '--operation',
      'load',
    ]);
    assert.equal(answer.attempts.totalErrors, 2);
    assert.equal(answer.total, 0);
    const { answer: ofQueue } = await cli.json<object>(['errors', '--queue', 'orders']);
    assert.ok(!('attempts' in ofQueue));
    await stop();
  });

  test('shows letters alone where no worker has reported, or no recovery worker answers', async () => {
    const never = await cliOf({ recoveryTaskQueue: get().id('never') }).run(['errors']);
    assert.equal(never.code, 0, never.stderr);
    assert.match(never.stdout, /^(No dead letters were|\d+ dead letters? w)/);
    const recoveryTaskQueue = get().id('silent');
    await report(recoveryTaskQueue);
    const silent = await cliOf({ recoveryTaskQueue }).run(['errors']);
    assert.equal(silent.code, 0, silent.stderr);
    assert.match(silent.stderr, /^Failed attempts are not known: no recovery worker answers/);
    assert.match(silent.stdout, /^(No dead letters were|\d+ dead letters? w)/);
  });

  test('worker --alerts calls the hooks of a module', async (t) => {
    const h = get();
    const receiver = await startReceiver();
    t.after(() => receiver.stop());
    const recoveryTaskQueue = h.id('hooks');
    const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
    const module = join(folder, 'alerts.cjs');
    const main = require.resolve('../../worker/index.js');
    await writeFile(
      module,
      `const { webhook } = require(${JSON.stringify(main)});\nexports.alerts = { onGroup: webhook({ url: '${receiver.url}' }), every: '1 second' };\n`,
    );
    const stop = await startRecoveryWorker(recoveryTaskQueue, '--alerts', module);
    await sendAlerts(h.client, recoveryTaskQueue, [
      {
        kind: 'group',
        change: 'spike',
        id: 'g',
        at: new Date().toISOString(),
        fingerprint: 'abc',
        letters: 50,
      },
    ]);
    await eventually(() => receiver.received.length === 1);
    assert.match(
      receiver.received[0]?.body.events[0].summary,
      /^Many dead letters of one cause: group abc · 50 letters$/,
    );
    await stop();
    await writeFile(module, 'exports.alerts = { onGroup: "https://example.com/SECRET" };\n');
    const wrong = await runCli(['worker', '--alerts', module]);
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.stderr,
      /--alerts: .*alerts\.onGroup: expected a function such as webhook\(\{ url \}\), got a string/,
    );
    assert.doesNotMatch(wrong.stderr, /SECRET/);
  });
});
