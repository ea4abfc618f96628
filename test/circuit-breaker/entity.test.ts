import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import type { BreakerSnapshot } from 'temporal-recovery/client';
import {
  acquireTrial,
  ensureBreaker,
  readBreaker,
  reportToBreaker,
  runEnds,
} from '../../client/circuit-breaker/entity.js';
import {
  type BreakerReport,
  parseBreakerConfig,
  type ReportedResult,
  UNASKED_TRIAL,
} from '../../common/circuit-breaker/index.js';
import { eventually, LIMIT_MS, useHarness } from '../support/harness.js';
import { assertReplay, assertRunsReplay } from '../support/replays.js';
import { breakers } from './views.js';

const config = parseBreakerConfig({ openTime: 1_500, halfOpen: { trialLease: 1_000 } });
const failure = (execution: string): ReportedResult => ({
  outcome: 'failure',
  execution,
  category: 'SERVER',
  statusCode: 503,
  message: 'no `luck`',
});

describe('the circuit breaker of the fleet', () => {
  const get = useHarness('entity', (h) =>
    h.startWorker({
      workflowsPath: require.resolve('./workflows.js'),
      plugins: [h.plugin({ breaker: undefined })],
    }),
  );
  /** A breaker of its own, with workers that report to it. */
  const breaker = (settings = config) => {
    const h = get();
    const name = h.id(randomUUID().slice(0, 8));
    const sequences = new Map<string, number>();
    const report = (worker: string, results: ReportedResult[], more: Partial<BreakerReport> = {}) => {
      const sequence = more.sequence ?? (sequences.get(worker) ?? 0) + 1;
      sequences.set(worker, sequence);
      const configuredAt = more.configuredAt ?? '2026-01-01T00:00:00Z';
      return reportToBreaker(
        h.client,
        h.recoveryTaskQueue,
        { name, config: settings, configuredAt },
        { v: 1, worker, sequence, results, config: settings, configuredAt, ...more },
      );
    };
    const handle = h.recovery.breakers.get(name);
    const until = (condition: (snapshot: BreakerSnapshot) => boolean) =>
      eventually(async () => {
        const snapshot = await handle.describe();
        return condition(snapshot) && snapshot;
      });
    return { name, report, handle, until, workflowId: `circuit-breaker/${name}` };
  };
  const detailsOf = async (workflowId: string) => {
    const metadata = await get()
      .client.workflow.getHandle(workflowId)
      .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  };

  test('failures in a row that several workers report add up; a success between them restarts the count', async () => {
    const { report, until, name, workflowId } = breaker();
    await report('a', [failure('1'), failure('2')]);
    await report('b', [failure('3'), { outcome: 'success' }, failure('4'), failure('5')]);
    await report('a', [failure('6'), failure('7')]);
    const before = await until(({ failuresInARow }) => failuresInARow === 4);
    assert.equal(before.status, 'CLOSED');
    await report('c', [failure('8')]);
    const open = await until(({ status }) => status !== 'CLOSED');
    assert.match(open.why ?? '', /several workers reported failures \(5\)|the open time is over/);
    assert.equal(open.transitions[0]?.reason.cause, 'reported');
    assert.equal((await readBreaker(get().client, name))?.memo.epoch, open.epoch);
    const details = await detailsOf(workflowId);
    assert.match(details, /several workers reported failures \(5\) · last error: SERVER 503 no 'luck'/);
    assert.match(details, /signal `forceOpen`, input `\{"by": "you"/);
    assert.match(details, /CLOSED → \*\*OPEN\*\*/);
  });

  test('a report that comes twice, of an execution that failed before, or of an old epoch changes nothing', async () => {
    const { report, until, handle } = breaker();
    await report('a', [failure('1'), failure('2')], { sequence: 7 });
    await report('a', [failure('3'), failure('4'), failure('5')], { sequence: 7 });
    await report('a', [failure('x')], { sequence: 3 });
    await report('b', [failure('1'), failure('2')]);
    assert.equal((await until(({ workers }) => workers === 2)).failuresInARow, 2);
    await report('c', [failure('3')], { epoch: 9, trip: { cause: 'consecutive-failures' } });
    await until(({ workers }) => workers === 3);
    assert.equal((await handle.describe()).failuresInARow, 2);
  });

  test('where several workers have to agree, one alone does not open it', async () => {
    const { report, until } = breaker(parseBreakerConfig({ minimumReporters: 2, openTime: 60_000 }));
    const many = Array.from({ length: 8 }, (_, index) => failure(`${index}`));
    await report('a', many, { trip: { cause: 'consecutive-failures', failures: 8 } });
    assert.equal((await until(({ failuresInARow }) => failuresInARow === 8)).status, 'CLOSED');
    await report('b', [failure('b')]);
    await until(({ status }) => status === 'OPEN');
  });

  test('trials are leases: one at a time, given back when they expire; the answer closes or opens', async () => {
    const { report, until, name } = breaker();
    const { client } = get();
    await report('a', [failure('1')], { trip: { cause: 'consecutive-failures', failures: 5 } });
    await until(({ status }) => status === 'OPEN');
    const early = await acquireTrial(client, name, { v: 1, worker: 'a' }, LIMIT_MS);
    assert.equal(early.trial, undefined);
    assert.ok((early.retryInMs ?? 0) > 0);
    await until(({ status }) => status === 'HALF_OPEN');
    const [one, two] = await Promise.all(
      ['a', 'b'].map((worker) => acquireTrial(client, name, { v: 1, worker, execution: worker }, LIMIT_MS)),
    );
    assert.equal([one, two].filter((answer) => answer?.trial !== undefined).length, 1);
    // Nobody answers: its place is free again after the lease.
    const again = await eventually(async () => {
      const answer = await acquireTrial(client, name, { v: 1, worker: 'c', execution: 'c' }, LIMIT_MS);
      return answer.trial !== undefined && answer;
    });
    await report('c', [{ outcome: 'failure', trial: again.trial, category: 'SERVER' }], {
      epoch: again.epoch,
    });
    await until(
      ({ status, transitions }) => status === 'OPEN' && transitions.at(-1)?.reason.cause === 'trial-failed',
    );
    await until(({ status }) => status === 'HALF_OPEN');
    const last = await eventually(async () => {
      const answer = await acquireTrial(client, name, { v: 1, worker: 'd', execution: 'd' }, LIMIT_MS);
      return answer.trial !== undefined && answer;
    });
    await report('d', [{ outcome: 'success', trial: last.trial }], { epoch: last.epoch });
    const closed = await until(({ status }) => status === 'CLOSED');
    assert.deepEqual(
      closed.transitions.map(({ to }) => to),
      ['OPEN', 'HALF_OPEN', 'OPEN', 'HALF_OPEN', 'CLOSED'],
    );
  });

  test('a trial that a worker made for itself, since no answer came, closes it; one that failed changes nothing', async () => {
    const { report, until } = breaker();
    await report('a', [failure('1')], { trip: { cause: 'consecutive-failures', failures: 5 } });
    const { epoch } = await until(({ status }) => status === 'HALF_OPEN');
    await report('a', [{ outcome: 'failure', trial: UNASKED_TRIAL, category: 'SERVER' }], { epoch });
    await report('b', [{ outcome: 'success', trial: UNASKED_TRIAL }], { epoch: epoch - 1 });
    assert.equal((await until(({ workers }) => workers === 2)).status, 'HALF_OPEN');
    await report('a', [{ outcome: 'success', trial: UNASKED_TRIAL }], { epoch });
    await until(({ status }) => status === 'CLOSED');
  });

  test('a trial that ends before the news of the half-open has come still closes the breaker', async () => {
    // A lost answer would cost a lease.
    const config = parseBreakerConfig({ openTime: 1_000, halfOpen: { trialLease: 600_000 } });
    const { made, use, fail } = breakers(get().client, get().recoveryTaskQueue, { config });
    const names = Array.from({ length: 5 }, (_, n) => get().id(`quick-${n}`));
    await Promise.all(
      names.map(async (name) => {
        await fail(name, 5);
        // The next call is there the moment a trial is due, and takes no time.
        while (!(await use(name, 'x', 'success')).admitted)
          await new Promise((resolve) => setTimeout(resolve, 1));
        await eventually(async () => {
          await use(name, 'x', 'success');
          return (await get().recovery.breakers.get(name).describe()).status === 'CLOSED';
        });
      }),
    );
    await made.close();
  });

  test('while a trial takes long one more call is tried each second; one success closes it', async () => {
    const long = parseBreakerConfig({ openTime: 500, halfOpen: { trialLease: 600_000 } });
    const { name, report, until, workflowId } = breaker(long);
    const { client } = get();
    await report('a', [], { trip: { cause: 'consecutive-failures', failures: 5 } });
    await until(({ status }) => status === 'HALF_OPEN');
    const trial = (execution: string) =>
      acquireTrial(client, name, { v: 1, worker: 'a', execution }, LIMIT_MS);
    const first = await trial('1');
    assert.ok(first?.trial);
    const startedAt = Date.now();
    let refused = 0;
    const second = await eventually(async () => {
      const answer = await trial('2');
      if (answer?.trial === undefined) {
        refused++;
        assert.ok((answer?.retryInMs ?? 0) <= 1_000, `${answer?.retryInMs} ms`);
      }
      return answer?.trial;
    });
    assert.notEqual(second, first.trial);
    const waited = Date.now() - startedAt;
    assert.ok(refused > 0 || waited > 500, `the second trial was let in after ${waited} ms`);
    const { epoch } = await until(({ status }) => status === 'HALF_OPEN');
    const halfOpen = await eventually(() => readBreaker(client, name));
    await report('a', [{ outcome: 'success', trial: second }], { epoch });
    await until(({ status }) => status === 'CLOSED');
    await assertRunsReplay(get(), workflowId, [halfOpen.runId]);
  });

  test('every transition ends a run, which is how workers learn of it at once', async () => {
    const { report, name } = breaker();
    const { client } = get();
    await report('a', [failure('1')]);
    const run = await eventually(() => readBreaker(client, name));
    const ended = runEnds(client, name, run.runId);
    await report('a', [], { trip: { cause: 'consecutive-failures', failures: 5 } });
    assert.equal(await ended, true);
    const next = await eventually(() => readBreaker(client, name));
    assert.notEqual(next.runId, run.runId);
    assert.equal(next.firstRunId, run.firstRunId);
    assert.deepEqual([next.memo.status, next.memo.epoch], ['OPEN', 1]);
    assert.equal(next.memo.changesInMs, 1_500);
  });

  test('orders say who, why and until when; they expire; invalid input is noted and changes nothing', async () => {
    const h = get();
    const { name, handle, until, workflowId } = breaker();
    await ensureBreaker(h.client, h.recoveryTaskQueue, {
      name,
      config,
      configuredAt: '2026-01-01T00:00:00Z',
    });
    const { connection, options } = h.client;
    const outside = new Client({
      connection,
      namespace: options.namespace,
      identity: 'grace@laptop',
    }).workflow.getHandle(workflowId);
    await handle.forceOpen({ by: 'ada', reason: 'maintenance', expiresIn: '2s' });
    const forced = await until(({ status }) => status === 'FORCED_OPEN');
    assert.match(forced.why ?? '', /by ada · reason: maintenance/);
    await outside.signal('forceOpen', 'nonsense');
    await h.client.workflow.getHandle(workflowId).signal('report', { v: 2 });
    await eventually(async () =>
      /Rejected as invalid[\s\S]*grace@laptop: forceOpen: the input must be a JSON object/.test(
        await detailsOf(workflowId),
      ),
    );
    const [listed] = await eventually(async () => {
      const found = await h.recovery.breakers.list({ status: 'FORCED_OPEN' });
      const mine = found.filter((each) => each.name === name);
      return mine.length > 0 && mine;
    });
    assert.match(listed?.why ?? '', /maintenance/);
    await eventually(async () => {
      const query = `WorkflowType = 'circuitBreaker' AND RecoveryStatus = 'FORCED_OPEN' AND RecoveryOperation = '${name}' AND ExecutionStatus = 'Running'`;
      return (await h.client.workflow.count(query)).count === 1;
    });
    await until(({ status }) => status === 'HALF_OPEN');
    // Nobody is named: whom the server knows as the sender.
    await outside.signal('disable', { reason: 'password=hunter2' });
    const disabled = await until(({ status }) => status === 'DISABLED');
    assert.match(disabled.why ?? '', /by grace@laptop · reason: password=\[REDACTED\]/);
    await handle.forceClosed();
    await until(({ status }) => status === 'METRICS_ONLY');
    await handle.reset({ by: 'ada' });
    await until(({ status }) => status === 'CLOSED');
    await assert.rejects(handle.forceOpen({ expiresIn: 'soon' }), /expiresIn must be a duration above 0/);
    await assert.rejects(h.recovery.breakers.get(h.id('none')).reset(), { name: 'BreakerNotFoundError' });
  });

  test('a late creator changes nothing; of different settings those configured last win, with a warning', async () => {
    const h = get();
    const { name, report, until, handle } = breaker();
    await report('a', [failure('1')]);
    await until(({ failuresInARow }) => failuresInARow === 1);
    const other = parseBreakerConfig({ consecutiveFailures: 2 });
    await ensureBreaker(h.client, h.recoveryTaskQueue, {
      name,
      config: other,
      configuredAt: '2027-01-01T00:00:00Z',
    });
    const untouched = await handle.describe();
    assert.deepEqual([untouched.failuresInARow, untouched.conflictAt], [1, undefined]);
    await report('old', [], { config: other, configuredAt: '2025-01-01T00:00:00Z' });
    const warned = await until(({ conflictAt }) => conflictAt !== undefined);
    assert.equal(warned.config.consecutiveFailures, 5);
    await report('new', [], { config: other, configuredAt: '2027-01-01T00:00:00Z' });
    await until((snapshot) => snapshot.config.consecutiveFailures === 2);
  });

  test('its histories replay', async () => {
    const { report, until, handle, workflowId } = breaker();
    await report('a', [failure('1')], { trip: { cause: 'consecutive-failures', failures: 5 } });
    await until(({ status }) => status === 'HALF_OPEN');
    await handle.reset();
    await until(({ status }) => status === 'CLOSED');
    const histories = [];
    for await (const { runId } of get().client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
      histories.push({
        workflowId: runId,
        history: await get().client.workflow.getHandle(workflowId, runId).fetchHistory(),
      });
    }
    // Of a run that has only just begun there is nothing to replay.
    const begun = histories.filter(({ history }) => (history.events?.length ?? 0) > 3);
    assert.ok(begun.length >= 3);
    await assertReplay(begun);
  });
});
