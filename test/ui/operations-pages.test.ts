import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RecoveryClient } from 'temporal-recovery/client';
import { reportToBreaker } from '../../client/circuit-breaker/entity.js';
import { breakerWorkflowId, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { makeLetters, refuse, Target } from '../redrive/scene.js';
import { eventually, useHarness } from '../support/harness.js';
import { findChromium } from './browser.js';
import { assertLinks, assertPage, screenshot } from './our-pages.js';
import { assertEventually, TemporalUi } from './temporal-ui.js';

const chromium = findChromium();

describe('circuit breakers and redrives in the Temporal UI', {
  skip: chromium === undefined && 'no Chromium on this machine',
}, () => {
  const target = new Target();
  const get = useHarness('ui-operations', (h) =>
    h.startWorker({
      workflowsPath: require.resolve('../redrive/workflows.js'),
      activities: target.activities,
    }),
  );
  let ui: TemporalUi;
  before(async () => {
    ui = await TemporalUi.open(get(), chromium ?? '');
  });
  after(() => ui?.close());

  const shows = (...expected: readonly string[]) =>
    assertEventually(async () => {
      const shown = await ui.shownText();
      for (const text of expected) assert.ok(shown.includes(text), `"${text}" is not shown in: ${shown}`);
      await assertLinks(get(), ui);
    });

  test('a breaker: in the list of open ones; why it opened, what comes next, what to press', async () => {
    const h = get();
    const name = h.id('crm');
    const config = parseBreakerConfig({ openTime: 600_000 });
    const configuredAt = new Date().toISOString();
    const failures = [1, 2, 3, 4, 5].map((n) => ({
      ...{ outcome: 'failure' as const, execution: `${n}`, category: 'SERVER' as const, statusCode: 503 },
      message: '**down** for `maintenance`',
    }));
    const made = { name, config, configuredAt };
    const report = { v: 1 as const, worker: 'a', sequence: 1, results: failures, config, configuredAt };
    await reportToBreaker(h.client, h.recoveryTaskQueue, made, report);
    const breaker = h.recovery.breakers.get(name);
    await eventually(async () => (await breaker.describe()).status === 'OPEN');
    await eventually(async () => {
      const open = `WorkflowType='circuitBreaker' AND RecoveryStatus='OPEN' AND RecoveryOperation='${name}'`;
      return (await h.client.workflow.count(`${open} AND ExecutionStatus='Running'`)).count === 1;
    });
    await ui.openList(
      'WorkflowType="circuitBreaker" AND RecoveryStatus="OPEN" AND ExecutionStatus="Running"',
    );
    await ui.page
      .getByRole('link', { name: breakerWorkflowId(name) })
      .first()
      .waitFor();
    await ui.openWorkflow(breakerWorkflowId(name), 'User Metadata');
    await shows(
      'OPEN: calls are rejected and wait',
      'Next trial',
      "last error: SERVER 503 **down** for 'maintenance'",
      'signal forceOpen',
      'CLOSED → OPEN',
    );
    if (process.env.SCREENSHOT) {
      await ui.page.screenshot({ path: `${process.env.SCREENSHOT}/circuit-breaker.png` });
    }
    await ui.sendSignal('reset', '{"by": "ada", "reason": "the alarm is false"}');
    const { status, transitions } = await eventually(async () => {
      const state = await breaker.describe();
      return state.status !== 'OPEN' && state;
    });
    assert.equal(status, 'CLOSED');
    assert.deepEqual(transitions.at(-1)?.reason, { cause: 'reset', by: 'ada', why: 'the alarm is false' });
    await ui.openWorkflow(breakerWorkflowId(name), 'User Metadata');
    await shows('CLOSED', 'reset by hand', 'by ada', 'the alarm is false');
  });

  test('a breaker in each of its other states: what it means, and what comes next', async () => {
    const h = get();
    const configuredAt = new Date().toISOString();
    const report = { v: 1 as const, worker: 'a', sequence: 1, configuredAt };
    const open = async (name: string, openTime: number) => {
      const config = parseBreakerConfig({ openTime, consecutiveFailures: 1 });
      const results = [
        { outcome: 'failure' as const, execution: '1', category: 'SERVER' as const, message: 'down' },
      ];
      await reportToBreaker(
        h.client,
        h.recoveryTaskQueue,
        { name, config, configuredAt },
        { ...report, config, results },
      );
    };
    const throttle = async (name: string, key?: string) => {
      const config = parseBreakerConfig({});
      const throttles = [{ waitMs: 600_000, key, said: '1,000 requests per hour' }];
      const made = { name, config, configuredAt };
      await reportToBreaker(h.client, h.recoveryTaskQueue, made, {
        ...report,
        config,
        results: [],
        throttles,
      });
    };
    const order = { by: 'ada', reason: 'maintenance', expiresIn: '30 minutes' };
    const handle = (name: string) => h.recovery.breakers.get(name);
    const states: Record<string, { bring(name: string): Promise<void>; shows: readonly string[] }> = {
      HALF_OPEN: {
        bring: (name) => open(name, 1_000),
        shows: ['HALF_OPEN: a few calls pass as trials', 'the open time is over'],
      },
      FORCED_OPEN: {
        async bring(name) {
          await open(name, 600_000);
          await eventually(() => handle(name).describe());
          await handle(name).forceOpen(order);
        },
        shows: ['FORCED_OPEN: opened by hand', 'forced by hand · by ada · reason: maintenance', 'Until: '],
      },
      CLOSED: {
        async bring(name) {
          await open(name, 600_000);
          await eventually(() => handle(name).describe());
          await handle(name).reset({ by: 'ada' });
        },
        shows: ['CLOSED: calls pass', 'reset by hand · by ada'],
      },
      THROTTLED: {
        bring: (name) => throttle(name),
        shows: ['THROTTLED: the quota of the service is used up', 'Goes on at: ', '1,000 requests per hour'],
      },
      'CLOSED, for others than': {
        bring: (name) => throttle(name, 'tenant-7'),
        shows: [
          'CLOSED: calls pass, but some wait: a quota of the service is used up',
          'quota of "tenant-7" used up',
        ],
      },
    };
    for (const [state, { bring, shows }] of Object.entries(states)) {
      const name = h.id(state.toLowerCase().replaceAll(/\W+/g, '-'));
      await bring(name);
      await eventually(async () => {
        const { status, throttles } = await handle(name).describe();
        return (
          state.startsWith(status) && (status !== 'CLOSED' || state === 'CLOSED' || throttles !== undefined)
        );
      });
      await assertPage(h, ui, breakerWorkflowId(name), shows);
      await screenshot(ui, `breaker-${state}`);
    }
  });

  test('a redrive: how far it is, what failed with a link to it, what to press', async () => {
    const h = get();
    await makeLetters(h, h.taskQueue, h.queue, 30);
    target.answer = (record) => (record.id % 2 === 0 ? refuse() : 'written');
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
    const redrive = await recovery.redrives.start({
      ...{ filter: { queue: h.queue }, rate: 0.5, by: 'ada', reason: 'capital is optional now' },
    });
    await eventually(async () => (await redrive.progress()).failed > 0);
    await ui.openWorkflow(redrive.id, 'User Metadata');
    await shows(
      'RUNNING: handles the letters',
      'of 30 letters',
      'by ada · reason: capital is optional now',
      'signal setRate',
      'FAILED dead-letter/',
      '30 × write · VALIDATION · refused',
    );
    await ui.sendSignal('pause', '{"by": "bob", "reason": "lunch"}');
    await eventually(async () => (await redrive.progress()).status === 'PAUSED');
    // The page does not follow by itself.
    await ui.openWorkflow(redrive.id, 'User Metadata');
    await shows('PAUSED', 'pause by bob (lunch)');
    await ui.sendSignal('setRate', '{"rate": 100}');
    await ui.sendSignal('resume', '{}');
    const { replayed, failed } = await redrive.result();
    assert.deepEqual([replayed, failed], [15, 15]);
    await ui.openWorkflow(redrive.id, 'User Metadata');
    await shows('COMPLETED', '15 replayed', '15 failed');
    if (process.env.SCREENSHOT) await ui.page.screenshot({ path: `${process.env.SCREENSHOT}/redrive.png` });
  });
});
