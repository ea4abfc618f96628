import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { failing, http } from 'temporal-recovery/testing';
import { QuotaWindow } from '../../examples/two-tenants/quota-window.js';
import { type Api, type PushedRecord, recordsOf } from '../../examples/two-tenants/records.js';
import { breakerName, recoveryOptions } from '../../examples/two-tenants/recovery.js';
import { report } from '../../examples/two-tenants/report.js';
import type { push } from '../../examples/two-tenants/workflows.js';
import { type Harness, useHarness } from '../support/harness.js';
import { withKit } from '../testing/with-kit.js';

const main = require.resolve('../../examples/two-tenants/main.js');

const workflowsPath = require.resolve('../../examples/two-tenants/workflows.js');
const start = (h: Harness, taskQueue: string, name: string, api: Api, records: readonly PushedRecord[]) =>
  h.client.workflow.start<typeof push>('push', {
    ...{ workflowId: h.id(name), taskQueue, args: [{ api, records }] },
  });

describe('example: two tenants of one service', () => {
  const harness = useHarness('two-tenants');

  test('a quota of one tenant that is used up does not hold the other, and passes', async () => {
    const h = harness();
    const run = h.id('quotas');
    const write = failing(undefined).times(0).with(http(503));
    const example = { workflowsPath, activities: { 'invoices.push': write }, options: recoveryOptions(run) };
    await withKit(h, example, async ({ taskQueue, quotas }) => {
      await quotas.exhaust(breakerName(run, 'invoices'), { key: 'north', for: '1 hour' });
      const north = await start(h, taskQueue, 'north', 'invoices', recordsOf('north', 5));
      const south = await start(h, taskQueue, 'south', 'invoices', recordsOf('south', 5));
      assert.deepEqual(await south.result(), { written: 5, failed: 0 });
      assert.equal(write.attempts, 5);
      await quotas.advance('1 hour');
      assert.deepEqual(await north.result(), { written: 5, failed: 0 });
    });
  });

  test('failures of one record share a letter, which a later success closes', async () => {
    const h = harness();
    const write = failing(undefined).byRecord(() => http(422));
    const example = {
      ...{ workflowsPath, activities: { 'customers.push': write } },
      options: recoveryOptions(h.id('customers')),
    };
    await withKit(h, example, async (recovery) => {
      const send = async (name: string) =>
        (await start(h, recovery.taskQueue, name, 'customers', recordsOf('north', 1))).result();
      for (const name of ['first', 'second']) assert.deepEqual(await send(name), { written: 0, failed: 1 });
      await recovery.expectDeadLetter({ operation: 'customers.push', category: 'VALIDATION' });
      write.mend();
      assert.deepEqual(await send('third'), { written: 1, failed: 0 });
      await recovery.expectDeadLetter({ operation: 'customers.push', status: 'SUPERSEDED' });
    });
  });

  test('a known quota is kept, an unknown one costs a refusal, a flood is held, a record has one letter', async (t) => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, '--workers', '2', '--exit']);
    t.diagnostic(stdout);
    const [, refused, slowestMs] =
      /429s with a known limit: +(\d+)\n.*slowest call on its way: +(\d+) ms\n/.exec(stdout) ?? [];
    // On a machine that is busy for longer than the gap of docs/limits.md, the service may count some calls more.
    assert.ok(
      refused === '0' || (Number(refused) < 5 && Number(slowestMs) > 100),
      `${refused}, ${slowestMs} ms`,
    );
    assert.match(stdout, /orders written, of 80: +80\n/);
    // One for each call that was in flight, at most: two workers with five slots.
    assert.match(stdout, /429s before all workers knew: +([1-9]|10)\n/);
    assert.match(stdout, /429s after that: +0\n/);
    assert.match(stdout, /invoices written, of 50: +50\n/);
    const [, rejected, held] =
      /products rejected, of 100: +(\d+)\n.*products that waited instead: +(\d+)\n/.exec(stdout) ?? [];
    assert.ok(Number(rejected) >= 10, `${rejected} rejected`);
    assert.ok(Number(rejected) + Number(held) >= 100, `${rejected} rejected, ${held} held`);
    assert.match(stdout, /products written, of 110: +110\n/);
    assert.match(stdout, /its status after a later success: +SUPERSEDED\n/);
    assert.match(stdout, /\nAll promises were kept\.\n/);
  });

  test('bad options are reported', async () => {
    await assert.rejects(promisify(execFile)(process.execPath, [main, '--workers', '9']), {
      code: 2,
      stderr: /--workers must be a whole number from 1 to 3; got "9"/,
    });
  });

  test('a promise that was not kept is in the report', () => {
    const figures = [
      { label: '429s', value: 3, isKept: false },
      { label: 'written', value: 40, isKept: true },
    ];
    const { lines, isKept } = report([{ title: 'A quota', figures }]);
    assert.equal(isKept, false);
    assert.match(lines.join('\n'), /429s: +3 {3}NOT KEPT\n +written: +40\n\nPromises that were not kept: 1$/);
  });

  test('the service counts a window from its first call, and says when it ends', () => {
    const window = new QuotaWindow({ calls: 2, perMs: 1_000 });
    assert.deepEqual(
      [100, 200, 300, 1_099, 1_100].map((now) => window.take(now)),
      [0, 0, 800, 1, 0],
    );
  });
});
