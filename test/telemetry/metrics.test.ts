import '../support/keep-metrics.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Info } from '@temporalio/activity';
import { ErrorAnalytics } from '../../worker/error-analytics/error-analytics.js';
import { createTelemetry } from '../../worker/telemetry.js';
// Installs the runtime whose metrics are kept. No worker runs here: the SDK cannot read metrics while one makes them.
import { eventually, metricsBuffer } from '../support/harness.js';

test('a rejected attempt is counted by its metric, and by the name of before 0.6', async () => {
  const telemetry = createTelemetry('recover', new ErrorAnalytics());
  telemetry.rejected({ activityType: 'write' } as Info, 'crm');
  const seen: unknown[] = [];
  await eventually(() => {
    for (const { metric, value, attributes } of metricsBuffer.retrieveUpdates())
      seen.push([metric.name, value, attributes.activityType, attributes.mode]);
    return seen.length >= 2;
  });
  assert.deepEqual(seen, [
    ['temporal_recovery_attempts_rejected', 1, 'write', 'recover'],
    ['temporal_recovery_attempts_turned_away', 1, 'write', 'recover'],
  ]);
});

test('of each label a process keeps 200 values; others are counted together', async () => {
  const telemetry = createTelemetry('observe', new ErrorAnalytics());
  const seen = new Map<unknown, number>();
  for (let n = 0; n < 300; n++) {
    telemetry.wouldDeadLetter({ activityType: `type-${n % 250}`, workflowId: 'w', retryState: 'x' });
  }
  await eventually(() => {
    for (const { metric, value, attributes } of metricsBuffer.retrieveUpdates()) {
      if (metric.name !== 'temporal_recovery_would_dead_letter') continue;
      seen.set(attributes.activityType, (seen.get(attributes.activityType) ?? 0) + value);
    }
    return [...seen.values()].reduce((sum, each) => sum + each, 0) >= 300;
  });
  // "write" is one of the 200.
  assert.equal(seen.size, 200);
  assert.equal(seen.get('type-0'), 2);
  assert.equal(seen.get('(other)'), 51);
  assert.equal(seen.get('type-249'), undefined);
});
