import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { QuotaWindow } from '../../examples/two-tenants/quota-window.js';
import { report } from '../../examples/two-tenants/report.js';

const main = require.resolve('../../examples/two-tenants/main.js');

describe('example: two tenants of one service', () => {
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
    assert.match(stdout, /times that the customer was rejected: +2\n/);
    assert.match(stdout, /letters of the customer: +1\n/);
    assert.match(stdout, /failures in this letter: +2\n/);
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
