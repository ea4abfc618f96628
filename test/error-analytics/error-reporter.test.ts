import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { ErrorReport } from '../../common/error-analytics/messages.js';
import { ErrorReporter } from '../../worker/error-analytics/error-reporter.js';
import { ApiLinkerError } from '../../worker/index.js';
import { eventually } from '../support/harness.js';

const error = () =>
  new ApiLinkerError('order 7 refused', {
    errorCategory: 'SERVER',
    requestUrl: 'https://api.example.com:8443/orders/7',
  });
const call = { operation: 'charge', taskQueue: 'orders' };

/** A worker with a link that a test controls. */
function reporterOf(workers = 1) {
  const reports: ErrorReport[] = [];
  const faults: string[] = [];
  let asked = 0;
  let isDown = false;
  const reporter = new ErrorReporter({
    client: {} as Client,
    taskQueue: 'recovery',
    fault: (where) => faults.push(where),
    pace: { firstMs: 20, betweenMs: [100, 200], turnMs: 1 },
    link: {
      async report(report) {
        // As a signal that arrives although its answer does not.
        reports.push(report);
        if (isDown) throw new Error('no answer');
      },
      async countWorkers() {
        asked++;
        return workers;
      },
      close: () => undefined,
    },
  });
  return {
    ...{ reporter, reports, faults },
    asked: () => asked,
    goDown(next: boolean) {
      isDown = next;
    },
  };
}

describe('a worker that reports its errors', () => {
  test('sends nothing, and asks nothing, without an error', async () => {
    const { reporter, reports, asked } = reporterOf();
    await reporter.close();
    assert.deepEqual(reports, []);
    assert.equal(asked(), 0);
  });

  test('sends one report for all errors that have gathered', async () => {
    const { reporter, reports, asked } = reporterOf();
    for (let n = 0; n < 1_000; n++) reporter.failed(error(), call);
    await eventually(() => reports.length > 0);
    await reporter.close();
    assert.equal(reports.length, 1);
    const [{ errors, sequence } = assert.fail()] = reports;
    assert.equal(sequence, 1);
    assert.equal(
      errors.reduce((sum, { count }) => sum + count, 0),
      1_000,
    );
    const [first] = errors;
    assert.equal(first?.host, 'api.example.com:8443');
    assert.equal(first?.pattern, 'order <n> refused');
    assert.match(first?.group ?? '', /^[0-9a-f]{13}$/);
    assert.equal(asked(), 1);
  });

  test('while errors come it sends less and less often', async () => {
    const { reporter, reports } = reporterOf();
    const timer = setInterval(() => reporter.failed(error(), call), 5);
    await eventually(() => reports.length >= 4);
    clearInterval(timer);
    await reporter.close();
    const gaps = reports.slice(0, 4).map(({ sentAt }, at) => sentAt - (reports[at - 1]?.sentAt ?? sentAt));
    // 100 ms and 200 ms, spread by a quarter; timers may be late, and are never early.
    assert.ok((gaps[1] ?? 0) >= 70 && (gaps[2] ?? 0) >= 145 && (gaps[3] ?? 0) >= 145, gaps.join(', '));
  });

  test('in a large fleet it waits for its turn', async () => {
    const { reporter, reports } = reporterOf(1_000);
    const began = Date.now();
    reporter.failed(error(), call);
    await eventually(() => reports.length > 0);
    assert.ok(Date.now() - began >= 495, `${Date.now() - began} ms`);
    await reporter.close();
  });

  test('a report without an answer is sent again under its number, and what comes meanwhile under the next', async () => {
    const { reporter, reports, faults, goDown } = reporterOf();
    goDown(true);
    reporter.failed(error(), call);
    await eventually(() => reports.length > 0);
    reporter.failed(error(), call);
    reporter.failed(error(), call);
    goDown(false);
    await eventually(() => reports.some(({ sequence }) => sequence === 2));
    await reporter.close();
    const counted = new Map(
      reports.map(({ sequence, errors }) => [sequence, errors.reduce((sum, { count }) => sum + count, 0)]),
    );
    assert.deepEqual(
      [...counted],
      [
        [1, 1],
        [2, 2],
      ],
    );
    assert.deepEqual([...new Set(faults)], ['reporting errors to the fleet']);
  });

  test('an error that cannot be read is a fault of ours and reaches no call', async () => {
    const { reporter, faults } = reporterOf();
    reporter.failed(new Proxy(error(), { get: () => assert.fail('unreadable') }), call);
    assert.deepEqual(faults, ['reporting errors to the fleet']);
    await reporter.close();
  });
});
