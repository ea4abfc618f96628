import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { deliverAlerts } from '../../activities/alerts/deliver-alerts.js';
import type { AlertHook, HooksHere } from '../../activities/alerts/hooks.js';
import type { AlertEvent } from '../../common/alerts/alert-event.js';

const event: AlertEvent = {
  ...{ kind: 'group', change: 'new', id: '1', at: new Date().toISOString(), fingerprint: 'f' },
};
const here = (hook: AlertHook): HooksHere => ({
  hooks: [{ name: 'onGroup', kinds: ['group'], hook }],
  limitsOf: () => ({ maxLetters: 1, maxAgeMs: 1 }),
});
const telemetry = { alertsDelivered: () => undefined, fault: () => undefined };
const deliver = (hook: AlertHook, callMs?: number) =>
  new MockActivityEnvironment().run(() =>
    deliverAlerts({ v: 1, hook: 'onGroup', batch: 'b', events: [event] }, here(hook), telemetry, callMs),
  );

describe('the call of a hook', () => {
  test('has a time of its own, and fails after it', async () => {
    await deliver(async () => undefined, 1_000);
    await assert.rejects(
      deliver(() => new Promise(() => undefined), 50),
      { type: 'AlertNotDelivered', message: 'onGroup: not done within 0.05 seconds' },
    );
  });

  test('of a hook that no recovery worker has, is tried again with growing waits, and ends after 20 minutes', async () => {
    const MINUTE_MS = 60_000;
    const attempt = async (number: number, missingForMs?: number) => {
      const heartbeatDetails = missingForMs && { missingSince: Date.now() - missingForMs };
      const environment = new MockActivityEnvironment({ attempt: number, heartbeatDetails });
      const beats: unknown[] = [];
      environment.on('heartbeat', (details) => beats.push(details));
      const delivery = { v: 1, hook: 'onGroup', batch: 'b', events: [event] } as const;
      const failure = await environment
        .run(() => deliverAlerts(delivery, undefined, telemetry))
        .catch((error: unknown) => error);
      assert.ok(failure instanceof ApplicationFailure);
      const { type, category, nextRetryDelay, nonRetryable } = failure;
      assert.deepEqual([type, category, beats.length], ['NoHooksHere', 'BENIGN', 1]);
      return { nextRetryDelay, nonRetryable };
    };
    assert.deepEqual(await attempt(1), { nextRetryDelay: '1s', nonRetryable: false });
    assert.deepEqual(await attempt(6, MINUTE_MS), { nextRetryDelay: '10s', nonRetryable: false });
    assert.deepEqual(await attempt(130, 20 * MINUTE_MS), { nextRetryDelay: '10s', nonRetryable: true });
  });
});
