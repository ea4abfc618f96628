// The flood guard on the real server.
import '../support/keep-metrics.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBreaker, reportToBreaker } from '../../client/circuit-breaker/entity.js';
import { FLEET_DEFAULTS, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import type { ReportedFlood } from '../../common/flood/floods.js';
import { cliOf } from '../cli/command-line.js';
import { eventually, logLines, metricsBuffer, useHarness } from '../support/harness.js';
import { assertRunsReplay } from '../support/replays.js';
import { HOLD, stageOf } from './stage.js';

describe('a flood of dead letters', { concurrency: true }, () => {
  const get = useHarness('flood');

  test('is held after the sample, on all workers; a success of a trial lets all go on', async () => {
    const stage = stageOf(get(), 'trial');
    await stage.start();
    // A worker of its own view: it learns of the hold from the fleet.
    await stage.start({ connection: await get().connect() });
    await Promise.all(Array.from({ length: 14 }, () => stage.push()));
    const { floods = [], status, why } = await stage.until(({ floods }) => floods?.[0]?.state === 'held');
    assert.deepEqual([status, floods.length], ['CLOSED', 1]);
    assert.equal(floods[0]?.operation, 'push');
    assert.match(floods[0]?.said ?? '', /^UNKNOWN field <value> of order <n> is missing$/);
    assert.match(
      why ?? '',
      /^calls of "push" are held since 20.*: \d+ of \d+ calls ended as dead letters of group /,
    );
    assert.match(await stage.page(), /### Floods of dead letters\n\n- `calls of "push" are held since/);
    assert.match(
      await stage.page(),
      /signal `resume`, input `\{"operation": "push", "by": "you", "expiresIn": "1 hour"\}`/,
    );
    // With a limit of its own: a rejection does not use it up.
    const { handle: first, message } = await stage.held('a', { retry: { maximumAttempts: 1 } });
    assert.match(
      message,
      /^Flood of dead letters: \d+ of \d+ calls ended as dead letters of group \w+ \(UNKNOWN field <value> of order <n> is missing\)\. Calls of "push" are held since 20.*Z: not called, looks again at 20.*Let them go on: temporal-recovery breaker resume ".*" --operation "push"$/,
    );
    const more = [first, ...(await Promise.all(Array.from({ length: 12 }, () => stage.push())))];
    // Each worker needs six letters of its own, or the news of the other.
    assert.ok(stage.calls.length < 30, `${stage.calls.length} calls`);
    // Mended: the next trial succeeds.
    stage.bad.clear();
    const ends = await Promise.allSettled(more.map((handle) => handle.result()));
    assert.equal(ends[0]?.status, 'fulfilled');
    await stage.until(({ floods }) => floods === undefined);
    await eventually(
      async () => (await stage.letters()).length === stage.calls.filter(({ isBad }) => isBad).length,
    );
  });

  test('a person lets calls go on: with the signal of the page, for an hour whatever fails', async () => {
    const h = get();
    const stage = stageOf(h, 'signal');
    await stage.start();
    await stage.fail(7);
    await stage.until(({ floods }) => floods?.[0]?.state === 'held');
    const { handle: held } = await stage.held();
    const entity = h.client.workflow.getHandle(`circuit-breaker/${stage.breakerName}`);
    // Nonsense changes nothing, and is on the page.
    await entity.signal('resume', { operation: 7 });
    await entity.signal('resume', { operation: 'pull' });
    await eventually(async () => {
      const page = await stage.page();
      return (
        page.includes('resume: operation must be a string; got 7') &&
        page.includes('resume: nothing to resume for calls of "pull"')
      );
    });
    const [input = ''] = /(?<=signal `resume`, input `)\{.*?\}(?=`)/.exec(await stage.page()) ?? [];
    await entity.signal('resume', { ...JSON.parse(input), by: 'ada', reason: 'we want the letters' });
    await assert.rejects(held.result());
    const before = stage.calls.length;
    const resumed = await stage.until(({ floods }) => floods?.[0]?.state === 'resumed');
    assert.equal(resumed.transitions.at(-1)?.reason.cause, 'resumed');
    assert.match(resumed.why ?? '', /^calls of "push" go on until 20.*, whatever fails: resumed by hand$/);
    assert.match(
      await stage.page(),
      /CLOSED → \*\*CLOSED\*\* · `held calls go on · by ada · reason: calls of "push": we want the letters`/,
    );
    await stage.fail(12);
    assert.equal(stage.calls.length, before + 12);
    await eventually(async () => (await stage.letters()).length === before + 12);
  });

  test('the command line: breaker show says it, resume lets calls go on, and they are held again if it goes on', async () => {
    const h = get();
    const cli = cliOf(h);
    const stage = stageOf(h, 'cli');
    await stage.start();
    await stage.fail(7);
    await stage.until(({ floods }) => floods?.[0]?.state === 'held');
    const { handle: held } = await stage.held();
    const shown = await cli.run(['breaker', 'show', stage.breakerName]);
    assert.match(shown.stdout, /Floods of dead letters\n {2}calls of "push" are held since/);
    assert.match(shown.stdout, /To let them go on: temporal-recovery breaker resume ".*" --operation "push"/);
    const listed = await cli.run(['breaker', 'list']);
    assert.match(listed.stdout, new RegExp(`CLOSED .*calls of "push" are held.*${stage.breakerName}`));
    const unknown = await cli.run(['breaker', 'resume', stage.breakerName, '--operation', 'pull']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /Nothing to resume: calls of "pull" are not held/);
    const resumed = await cli.run([
      'breaker',
      'resume',
      stage.breakerName,
      '--by',
      'ada',
      '--reason',
      'mended',
    ]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stdout, /held calls go on · by ada · reason: all held calls: mended/);
    await assert.rejects(held.result());
    await stage.fail(6);
    const again = await stage.until(({ floods }) => floods?.[0]?.state === 'held');
    assert.equal(again.floods?.length, 1);
    assert.equal((await cli.run(['breaker', 'reset', stage.breakerName])).code, 0);
    await stage.until(({ floods }) => floods === undefined);
  });

  test('the calls of another tenant are not held, not for a moment', async () => {
    const stage = stageOf(get(), 'tenants', { quotaKey: (_, [tenant]) => tenant });
    await stage.start();
    await stage.fail(8);
    const { floods } = await stage.until((snapshot) => snapshot.floods?.[0]?.state === 'held');
    assert.deepEqual([floods?.length, floods?.[0]?.quotaKey], [1, 'a']);
    const { handle: held, message } = await stage.held();
    assert.match(message, /Calls of "push" for "a" are held/);
    const startedAt = Date.now();
    for (let i = 0; i < 5; i++) assert.equal(await (await stage.push('b')).result(), 'b');
    assert.ok(Date.now() - startedAt < 20_000, `${Date.now() - startedAt} ms`);
    // It may have been a trial meanwhile.
    await held.terminate().catch(() => undefined);
  });

  test('schedule-to-close, cancellation and patience end the wait of a call', async () => {
    const stage = stageOf(get(), 'ends', { flood: { ...HOLD, patience: '25s' } });
    await stage.start();
    await stage.fail(7);
    await stage.until(({ floods }) => floods?.[0]?.state === 'held');
    const [{ handle: limited }, { handle: cancelled }, { handle: patient }] = await Promise.all([
      stage.held('a', { scheduleToCloseTimeout: '15s' }),
      stage.held('a'),
      stage.held('a'),
    ]);
    await cancelled.cancel();
    await assert.rejects(cancelled.result(), /cancelled/i);
    const ids = () => new Set(stage.calls.map(({ workflowId }) => workflowId));
    await assert.rejects(limited.result());
    await assert.rejects(patient.result());
    assert.ok(ids().has(limited.workflowId), 'made once before its time ends');
    assert.ok(ids().has(patient.workflowId), 'made after its patience');
    assert.ok(!ids().has(cancelled.workflowId));
  });

  test('off for an operation whose letters are its results', async () => {
    const stage = stageOf(get(), 'off', { operations: { push: { flood: false } } });
    await stage.start();
    await stage.fail(20);
    await eventually(async () => (await stage.letters()).length === 20);
    assert.equal(await readBreaker(get().client, stage.breakerName), undefined);
  });

  test('by default an alarm: one line in the log, a metric, a line on the page, and nothing is held', async () => {
    const stage = stageOf(get(), 'alarm', { flood: { minimumCalls: 6 } });
    await stage.start();
    await stage.fail(25);
    const { floods, status } = await stage.until((snapshot) => snapshot.floods !== undefined);
    assert.deepEqual([status, floods?.map(({ state }) => state)], ['CLOSED', ['alarm']]);
    assert.match(await stage.page(), /- `flood of dead letters, calls of "push" go on: 6 of 6 calls ended/);
    await eventually(async () => (await stage.letters()).length === 25);
    const mine = logLines.filter(
      ({ message, meta }) =>
        message === 'temporal-recovery: a flood of dead letters of one group' &&
        meta?.breaker === stage.breakerName,
    );
    assert.equal(mine.length, 1);
    assert.deepEqual([mine[0]?.level, mine[0]?.meta?.operation, mine[0]?.meta?.letters], ['WARN', 'push', 6]);
    const seen: string[] = [];
    await eventually(() => {
      for (const { metric, attributes, value } of metricsBuffer.retrieveUpdates()) {
        if (metric.name === 'temporal_recovery_floods_found')
          seen.push(`found ${attributes.action} ${value}`);
        if (metric.name === 'temporal_recovery_breaker_floods' && attributes.breaker === stage.breakerName) {
          seen.push(`floods ${attributes.state} ${value}`);
        }
      }
      return seen.includes('found alarm 1') && seen.includes('floods alarm 1');
    });
  });

  test('the breaker: one run for each change, none for what it knows; its runs replay', async () => {
    const h = get();
    await stageOf(h, 'entity').start();
    const name = h.id('entity-itself');
    const config = parseBreakerConfig(FLEET_DEFAULTS);
    const configuredAt = '2026-01-01T00:00:00Z';
    const handle = h.recovery.breakers.get(name);
    let sequence = 0;
    const flood = (more: Partial<ReportedFlood> = {}): ReportedFlood => ({
      ...{ operation: 'push', state: 'held', waitMs: 600_000, agoMs: 0, group: 'g', letters: 6, calls: 6 },
      ...more,
    });
    const report = (floods: unknown[], worker = 'a') =>
      reportToBreaker(
        h.client,
        h.recoveryTaskQueue,
        { name, config, configuredAt },
        { v: 1, worker, sequence: ++sequence, results: [], floods: floods as never, config, configuredAt },
      );
    const runs: string[] = [];
    const run = async () => {
      const { runId = '' } = (await readBreaker(h.client, name)) ?? {};
      if (runs.at(-1) !== runId) runs.push(runId);
      return runId;
    };
    const states = () =>
      handle
        .describe()
        .then(({ floods = [] }) => floods.map(({ quotaKey = '', state }) => `${quotaKey}${state}`));
    const until = (...expected: string[]) =>
      eventually(async () => {
        await run();
        return JSON.stringify(await states()) === JSON.stringify(expected);
      });
    await report([flood({ state: 'alarm' })]);
    await until('alarm');
    await report([flood(), flood({ quotaKey: 'b:' })]);
    await until('held', 'b:held');
    const before = await run();
    await report([flood({ group: 'h' }), flood({ quotaKey: 'b:', state: 'alarm' })], 'b');
    await report([flood({ waitMs: -1 }), { operation: 'x' }, 7], 'c');
    await eventually(async () => (await handle.describe()).workers === 3);
    assert.equal(await run(), before);
    const { currentDetails = '' } = await h.client.workflow
      .getHandle(`circuit-breaker/${name}`)
      .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
    assert.match(currentDetails, /report\.floods\[0\]\.waitMs .*of worker c/);
    await report([flood({ state: 'over' })]);
    await until('b:held');
    await handle.resume({ quotaKey: 'b:', by: 'ada', expiresIn: '12s' });
    await until('b:resumed');
    await report([flood({ quotaKey: 'b:' })]);
    // By time.
    await until();
    await report([flood(), flood({ quotaKey: 'c:', waitMs: 1_000 })]);
    await until('held');
    await handle.resume({ by: 'ada' });
    await until();
    // One that is not used stays until its last flood is over, and does nothing meanwhile.
    const idle = h.id('entity-idle');
    await reportToBreaker(
      h.client,
      h.recoveryTaskQueue,
      { name: idle, config, configuredAt, idleMs: 1_000 },
      {
        ...{
          v: 1,
          worker: 'a',
          sequence: 1,
          results: [],
          floods: [flood({ waitMs: 12_000 })],
          config,
          configuredAt,
        },
      },
    );
    const idleHandle = h.client.workflow.getHandle(`circuit-breaker/${idle}`);
    const reportedAt = Date.now();
    await idleHandle.result();
    assert.ok(Date.now() - reportedAt > 9_000, `ended after ${Date.now() - reportedAt} ms`);
    const { historyLength } = await idleHandle.describe();
    assert.ok(historyLength < 20, `${historyLength} events`);

    assert.ok(runs.length >= 7, `${runs.length} runs`);
    await assertRunsReplay(h, `circuit-breaker/${name}`, runs);
  });
});
