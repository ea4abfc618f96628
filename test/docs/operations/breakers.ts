import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { eventually } from '../../support/harness.js';
import type { callOne } from '../../support/workflows.js';
import { DOWN, type Night, QUOTA } from './night.js';
import type { Section } from './steps.js';

const CHARGE = { values: { name: 'charge' } };

async function open(night: Night) {
  night.trouble.set('charge', DOWN);
  const waiting = [await night.start('charge'), await night.start('charge')];
  await night.untilBreaker('charge', 'OPEN');
  return waiting;
}

export const BREAKERS: Readonly<Record<string, Section>> = {
  async TemporalRecoveryBreakerOpen(night) {
    const waiting = await open(night);
    return {
      'npx temporal-recovery breaker show <name>': {
        ...CHARGE,
        check: (output) =>
          assert.match(output, /OPEN for [\s\S]*Why +2 executions failed in a row[\s\S]*Changes at +20/),
      },
      'npx temporal-recovery breaker reset <name> --by <you> --reason "the service is back"': {
        ...CHARGE,
        before: () => night.mend('charge'),
        async check() {
          for (const each of waiting) assert.equal(await night.result(each), 'charge done');
        },
      },
      'npx temporal-recovery breaker bypass <name> --expires-in 1h --by <you> --reason "failures are not of the service"':
        {
          ...CHARGE,
          answer: 'y',
          before: () => open(night),
          async check(output) {
            assert.match(output, /METRICS_ONLY/);
            // Calls reach the service, although it fails.
            await night.start('charge', 'bypassed');
            await eventually(() => night.reached.includes('charge bypassed'));
          },
        },
    };
  },

  async TemporalRecoveryBreakerForced() {
    return {
      'npx temporal-recovery breaker show <name>': {
        ...CHARGE,
        check(output) {
          assert.match(output, /METRICS_ONLY/);
          assert.match(output, /ada[\s\S]*failures are not of the service/);
        },
      },
      'npx temporal-recovery breaker reset <name> --by <you> --reason "no longer needed"': {
        ...CHARGE,
        check: (output) => assert.match(output, /CLOSED/),
      },
    };
  },

  async TemporalRecoveryThrottled(night) {
    night.trouble.set('export', QUOTA);
    // Of all calls: five are refused, and none succeeds between them.
    const refused = await Promise.all(Array.from({ length: 5 }, () => night.start('export')));
    await night.untilBreaker('export', 'THROTTLED');
    let alone: WorkflowHandle<typeof callOne> | undefined;
    const values = { name: 'export' };
    return {
      'npx temporal-recovery breaker list --status THROTTLED': {
        check: (output) => assert.match(output, /THROTTLED .*the service said: quota exceeded.* export\n/),
      },
      'npx temporal-recovery breaker show <name>': {
        values,
        check: (output) => assert.match(output, /THROTTLED[\s\S]*quota/i),
      },
      'npx temporal-recovery breaker reset <name> --by <you> --reason "the quota was raised"': {
        values,
        before: () => night.mend('export'),
        async check(output) {
          assert.match(output, /CLOSED for [\s\S]*the quota was raised/);
          for (const each of refused) assert.equal(await night.result(each), 'export done');
        },
      },
      'npx temporal-recovery waiting list <name>': {
        values,
        async before() {
          night.trouble.set('export', QUOTA);
          alone = await night.waiting('export', /quota exceeded/);
          night.mend('export');
        },
        check: (output) => assert.match(output, /export .*quota exceeded/),
      },
      'npx temporal-recovery waiting wake <name>': {
        ...{ values, answer: 'y' },
        async check() {
          assert.equal(await night.result(alone), 'export done');
        },
      },
    };
  },
};
