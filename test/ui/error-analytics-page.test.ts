import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { reportErrors, sendAlerts } from '../../client/error-analytics/entity.js';
import { analyticsWorkflowId, type ReportedErrors } from '../../common/error-analytics/messages.js';
import { useHarness, workflowsPath } from '../support/harness.js';
import { findChromium } from './browser.js';
import { assertLinks } from './our-pages.js';
import { assertEventually, TemporalUi } from './temporal-ui.js';

const chromium = findChromium();
const MINUTE = 60_000;

/** An evening: a service that is bad for an hour, an outage of twenty minutes, and some bad records. */
function evening(): ReportedErrors[] {
  const errors: ReportedErrors[] = [];
  const add = (agoMinutes: number, count: number, facts: Omit<ReportedErrors, 'count' | 'agoMs'>) =>
    errors.push({ ...facts, count, agoMs: agoMinutes * MINUTE });
  for (let ago = 0; ago < 600; ago += 5) {
    const wave = 1 + Math.round(6 * Math.abs(Math.sin(ago / 90)));
    add(ago, wave, {
      ...{
        category: 'SERVER',
        operation: 'chargeCard',
        host: 'payments.example.com',
        group: '0b5c61f6a9e17',
      },
      ...{ statusCode: 503, pattern: 'upstream connect error, reset after <n> ms' },
    });
    if (ago > 20 && ago < 45)
      add(ago, 90, {
        ...{
          category: 'NETWORK',
          operation: 'syncOrders',
          host: 'orders.example.com',
          group: '11f3d0c2b7a48',
        },
        pattern: 'connect ECONNREFUSED <n>',
      });
    if (ago % 60 === 0)
      add(ago, 3, {
        ...{
          category: 'VALIDATION',
          operation: 'writeCountry',
          host: 'api.example.com',
          group: '1d9e77af00c31',
        },
        ...{ statusCode: 422, pattern: 'borders: must NOT have fewer than <n> items' },
      });
  }
  return errors;
}

describe('the errors of the fleet in the Temporal UI', {
  skip: chromium === undefined && 'no Chromium on this machine',
}, () => {
  const get = useHarness('ui-errors', (h) => h.startWorker({ workflowsPath, activities: {} }));
  let ui: TemporalUi;

  before(async () => {
    const { client, recoveryTaskQueue } = get();
    const errors = evening();
    const report = { v: 1, sequence: 1, sentAt: Date.now() } as const;
    await reportErrors(client, recoveryTaskQueue, { ...report, worker: 'a', errors });
    await reportErrors(client, recoveryTaskQueue, { ...report, worker: 'b', errors: errors.slice(0, 20) });
    const at = new Date(Date.now() - 30 * MINUTE).toISOString();
    await sendAlerts(client, recoveryTaskQueue, [
      {
        ...{ kind: 'breaker', change: 'opened', id: 'b', at, breaker: 'host:orders.example.com' },
        ...{ status: 'OPEN', why: '5 failures in a row, last: connect ECONNREFUSED' },
      },
      { kind: 'queue', change: 'above', id: 'q', at, queue: 'orders', letters: 120, maxLetters: 100 },
    ]);
    ui = await TemporalUi.open(get(), chromium ?? '');
  });
  after(() => ui?.close());

  test('its page is a dashboard: rate, bars, tables, causes, alerts', async () => {
    await ui.openWorkflow(analyticsWorkflowId(get().recoveryTaskQueue), 'User Metadata');
    await assertEventually(async () => {
      const shown = await ui.shownText();
      for (const expected of [
        'errors a minute',
        'Last hour, each 5 minutes (UTC)',
        '▇▇▇▇',
        'chargeCard',
        'payments.example.com',
        '720 × NETWORK · syncOrders · letters of 11f3d0c2b7a48 · connect ECONNREFUSED <n>',
        'upstream connect error, reset after <n> ms',
        'Circuit breaker host:orders.example.com has opened',
        'Dead-letter queue orders has 120 open letters, more than 100',
      ]) {
        assert.ok(shown.includes(expected), `"${expected}" is not shown in: ${shown}`);
      }
    });
    await assertLinks(get(), ui);
    const folder = process.env.SCREENSHOT;
    if (!folder) return;
    // All of the page.
    await ui.page.setViewportSize({ width: 1400, height: 1750 });
    await ui.page.screenshot({ path: `${folder}/error-analytics.png` });
  });
});
