import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import type { LimitedAttempt } from '../../activities/failing-call/call-limits.js';
import { WorkerLimits } from '../../worker/limit/worker-limits.js';

test('of more than 200 names of limits the one that was not used for longest is forgotten', async () => {
  const read: string[] = [];
  const limits = new WorkerLimits({
    // No server is there: names are known without one.
    client: new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) }),
    taskQueue: 'recovery',
    limitOf(name) {
      read.push(name);
      return { windows: [{ calls: 1, perMs: 1_000 }] };
    },
    fault: () => undefined,
  });
  const call = (name: number) =>
    void limits.admit({
      breaker: String(name),
      taskQueue: 'q',
      executionId: 'e',
      holdMs: 0,
    } as LimitedAttempt);
  for (let name = 0; name < 200; name++) call(name);
  call(0);
  call(200);
  read.length = 0;
  call(0);
  assert.deepEqual(read, []);
  call(1);
  assert.deepEqual(read, ['1']);
  await limits.close();
});
