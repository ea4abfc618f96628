import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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
});
