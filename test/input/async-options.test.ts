import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { classify } from '../../activities/failing-call/classification.js';
import type { RecoverySettings } from '../../activities/settings.js';
import { defaultRedactor } from '../../common/errors/index.js';
import { parseOptions } from '../../worker/options/options.js';

const call = { activityType: 'push', taskQueue: 'q' };
const rejects = (async () => {
  throw new Error('no connection');
}) as never;
const parsed = parseOptions({
  breaker: rejects,
  quotaKey: rejects,
  tags: rejects,
  operations: { push: { recordKey: rejects } },
});
const CALLS: Record<string, () => unknown> = {
  breaker: () => parsed.breakers.breakerOf(call, undefined, [], () => undefined),
  quotaKey: () => parsed.quotaOf(call, []),
  tags: () => parsed.tagsOf(call, () => []),
  recordKey: () => parsed.recordKeyOf(call, () => []),
};

describe('an async function where an option needs the value at once', () => {
  const rejections: unknown[] = [];
  const seen = (reason: unknown) => void rejections.push(reason);

  for (const [name, answer] of Object.entries(CALLS)) {
    test(`${name}: is a fault that says so, and its rejection does not end the process`, async () => {
      process.on('unhandledRejection', seen);
      assert.throws(
        answer,
        new RegExp(`^TypeError: ${name}: the function returned a promise, but must not be async`),
      );
      await turn();
      process.off('unhandledRejection', seen);
      assert.deepEqual(rejections, []);
    });
  }

  test('classify: is a fault, and the built-in rules classify the error', async () => {
    process.on('unhandledRejection', seen);
    const faults: unknown[] = [];
    const telemetry = { fault: (...fault: unknown[]) => void faults.push(fault) };
    const settings = {
      classify: rejects,
      redactor: defaultRedactor,
      telemetry,
    } as unknown as RecoverySettings;
    const error = Object.assign(new Error('no'), { status: 404 });
    const context = { activityType: 'push', operation: 'push' };
    assert.equal(classify(error, context, settings, '2026-01-01T00:00:00Z').statusCode, 404);
    await turn();
    process.off('unhandledRejection', seen);
    assert.deepEqual(rejections, []);
    assert.match(String(faults), /the classify option,TypeError: classify: .*must not be async/);
  });
});
