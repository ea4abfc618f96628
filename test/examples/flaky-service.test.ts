import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

test('example: one breaker for several worker processes opens in an outage and closes after it', async () => {
  const main = require.resolve('../../examples/flaky-service/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--workers', '2', '--exit']);
  assert.match(stdout, /breaker +http.*circuit-breaker%2Fprice-service/);
  // Nothing reaches the service while it is open.
  assert.match(stdout, /DOWN +OPEN +w1 +0 +w2 +0\n/);
  assert.match(stdout, /up +CLOSED +w1 +[1-9]\d* +w2 +[1-9]\d*\n\nThe breaker opened/);
});

test('example: bad options are reported', async () => {
  const main = require.resolve('../../examples/flaky-service/main.js');
  await assert.rejects(promisify(execFile)(process.execPath, [main, '--workers', '99']), {
    code: 2,
    stderr: /--workers must be a whole number from 1 to 10; got "99"/,
  });
});
