import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { after, describe, test } from 'node:test';
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';
import { Resource } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import type { WorkerOptions } from '@temporalio/worker';
import { RecoveryClient } from 'temporal-recovery/client';
import { payloadFromJson } from '../../common/payload/json-payload.js';
import { eventually, type Harness, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const TRACE_HEADER = '_tracer-data';

/** Without a context manager spans have no parents. */
class AsyncContexts implements ContextManager {
  private readonly storage = new AsyncLocalStorage<Context>();
  active() {
    return this.storage.getStore() ?? ROOT_CONTEXT;
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.storage.run(context, () => fn.apply(self as never, args));
  }
  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    return ((...args: unknown[]) => this.storage.run(context, () => target(...args))) as T;
  }
  enable() {
    return this;
  }
  disable() {
    return this;
  }
}

describe('with the OpenTelemetry plugin', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider();
  provider.addSpanProcessor(new SimpleSpanProcessor(exporter));
  provider.register({ contextManager: new AsyncContexts() });
  after(() => provider.shutdown());

  const resource = new Resource({ 'service.name': 'temporal-recovery-tests' });
  const tracing = () =>
    new OpenTelemetryPlugin({ resource, spanProcessor: new SimpleSpanProcessor(exporter) });
  const get = useHarness('otel');

  const orders: [string, (h: Harness) => WorkerOptions['plugins']][] = [
    ['tracing first', (h) => [tracing(), h.plugin()]],
    ['recovery first', (h) => [h.plugin(), tracing()]],
  ];
  for (const [name, plugins] of orders) {
    test(`${name}: the trace of the call is in the letter and comes with the replay`, async () => {
      const h = get();
      const taskQueue = h.id(name.replace(' ', '-'));
      let broken = true;
      const headers: Record<string, Payload>[] = [];
      const worker = await h.startWorker({
        taskQueue,
        workflowsPath,
        plugins: plugins(h),
        interceptors: {
          activity: [
            ({ info }) => ({
              inbound: {
                execute(input, next) {
                  if (info.activityType === 'reject') headers.push(input.headers);
                  return next(input);
                },
              },
            }),
          ],
        },
        activities: {
          async reject() {
            if (broken) throw ApplicationFailure.nonRetryable('rejected');
            return 'done';
          },
        },
      });
      const { deadLetterId = '' } = await h.client.workflow.execute<typeof callOne>('callOne', {
        workflowId: h.id(name),
        taskQueue,
        args: ['reject', []],
      });
      const letter = h.recovery.deadLetters.get(deadLetterId);
      const original = traceOf(headers[0]);
      assert.match(JSON.stringify(original), /"traceparent":"00-[0-9a-f]{32}-/);
      const { record } = await letter.describe();
      const recorded = record.headers[TRACE_HEADER];
      assert.ok(recorded, 'the trace is not in the letter');
      assert.deepEqual(traceOf({ [TRACE_HEADER]: payloadFromJson(recorded) }), original);
      broken = false;
      assert.equal((await letter.replay()).outcome, 'REPLAYED');
      assert.equal(headers.length, 2);
      assert.deepEqual(traceOf(headers[1]), original);
      const spans = await eventually(() => {
        const runs = exporter.getFinishedSpans().filter((span) => span.name === 'RunActivity:reject');
        return runs.length > 1 && runs;
      });
      const trace = (original as { traceparent: string }).traceparent.split('-')[1];
      assert.equal(spans.filter((span) => span.spanContext().traceId === trace).length, 2);
      await worker.stop();
    });

    test(`${name}: replay and redrive are spans of the trace of the failing call, and so is the capture`, async () => {
      const h = get();
      const taskQueue = h.id(`${name.replace(' ', '-')}-spans`);
      const activity = `write_${name.replace(' ', '_')}`;
      let broken = true;
      const worker = await h.startWorker({
        ...{ taskQueue, workflowsPath, plugins: plugins(h) },
        activities: {
          async [activity]() {
            if (broken) throw ApplicationFailure.nonRetryable('refused');
          },
        },
      });
      const { deadLetterId = '' } = await h.client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: taskQueue, taskQueue },
        args: [activity, []],
      });
      const attempts = () =>
        exporter.getFinishedSpans().filter((span) => span.name === `RunActivity:${activity}`);
      const [failed] = await eventually(() => attempts().length > 0 && attempts());
      assert.ok(failed);
      const trace = failed.spanContext().traceId;
      const capture = await eventually(() =>
        exporter
          .getFinishedSpans()
          .find(
            (span) =>
              /RunActivity:recovery\.handleFailure/.test(span.name) && span.spanContext().traceId === trace,
          ),
      );
      assert.equal(capture.parentSpanId, failed.parentSpanId);
      assert.equal((await h.recovery.deadLetters.get(deadLetterId).replay()).outcome, 'FAILED');
      await eventually(() => attempts().length === 2);
      broken = false;
      const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
      const redrive = await recovery.redrives.start({ ids: [deadLetterId] });
      assert.equal((await redrive.result()).status, 'COMPLETED');
      const all = await eventually(() => attempts().length === 3 && attempts());
      // All have the call as parent: the span that scheduled the activity.
      for (const span of all) {
        assert.equal(span.spanContext().traceId, trace);
        assert.equal(span.parentSpanId, failed.parentSpanId);
      }
      await worker.stop();
    });

    test(`${name}: a span tells the error as it was thrown`, async () => {
      const h = get();
      const taskQueue = h.id(`${name.replace(' ', '-')}-error`);
      const activity = name.replace(' ', '_');
      const worker = await h.startWorker({
        ...{ taskQueue, workflowsPath, plugins: plugins(h) },
        activities: {
          async [activity]() {
            throw Object.assign(new Error('Chad is locked'), { code: 'COUNTRY_LOCKED' });
          },
        },
      });
      await h.client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: taskQueue, taskQueue },
        args: [activity, [], { retry: { maximumAttempts: 1 } }],
      });
      const span = await eventually(() =>
        exporter.getFinishedSpans().find((each) => each.name === `RunActivity:${activity}`),
      );
      const { attributes = {} } = span.events.find((event) => event.name === 'exception') ?? {};
      // The code, where the error has one: ours has none.
      assert.equal(attributes['exception.type'], 'COUNTRY_LOCKED');
      assert.equal(attributes['exception.message'], 'Chad is locked');
      await worker.stop();
    });
  }
});

function traceOf(headers: Record<string, Payload> | undefined): unknown {
  const payload = headers?.[TRACE_HEADER];
  return payload && defaultPayloadConverter.fromPayload(payload);
}
