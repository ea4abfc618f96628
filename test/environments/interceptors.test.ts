import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import {
  type ActivityInterceptorsFactory,
  Worker,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import { DETAIL_KEY } from '../../common/contract.js';
import { type Harness, logLines, useHarness } from '../support/harness.js';
import { QuotaFailure } from '../support/tagging-failures.js';
import type { callOne } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');

class CountryLocked extends Error {
  constructor(readonly country: string) {
    super(`${country} is locked`);
  }
}

/** As an interceptor of Sentry reports errors: with their class, and once per attempt. */
function reporter(seen: unknown[]): ActivityInterceptorsFactory {
  return () => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          seen.push(error);
          throw error;
        }
      },
    },
  });
}

/** A plugin of somebody who puts theirs before all that is there already. */
function prepending(factory: ActivityInterceptorsFactory): WorkerPlugin {
  return {
    name: 'prepending',
    configureWorker: (options) => ({
      ...options,
      interceptors: {
        ...options.interceptors,
        activity: [factory, ...(options.interceptors?.activity ?? [])],
      },
    }),
  };
}

/** How often our detail is in the last failure of a workflow's activity, as it was sent. */
async function details(h: Harness, workflowId: string): Promise<number> {
  const { events } = await h.client.workflow.getHandle(workflowId).fetchHistory();
  const failed = events?.findLast((event) => event.activityTaskFailedEventAttributes);
  const payloads =
    failed?.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.details?.payloads;
  return (payloads ?? []).filter(({ data }) =>
    Buffer.from(data ?? [])
      .toString()
      .includes(`"${DETAIL_KEY}"`),
  ).length;
}

function call(h: Harness, workflowId: string, taskQueue: string, activity: string, options = {}) {
  return h.client.workflow.execute<typeof callOne>('callOne', {
    ...{ workflowId, taskQueue },
    args: [activity, [], options],
  });
}

describe("other people's interceptors", () => {
  const get = useHarness('interceptors');

  const ways: [string, (h: Harness, mine: ActivityInterceptorsFactory) => Partial<WorkerOptions>][] = [
    ['interceptors.activity', (h, mine) => ({ plugins: [h.plugin()], interceptors: { activity: [mine] } })],
    [
      'interceptors.activityInbound',
      (h, mine) => ({
        plugins: [h.plugin()],
        interceptors: { activityInbound: [(context) => mine(context).inbound ?? {}] },
      }),
    ],
    ['a plugin before ours', (h, mine) => ({ plugins: [prepending(mine), h.plugin()] })],
    ['a plugin after ours', (h, mine) => ({ plugins: [h.plugin(), prepending(mine)] })],
  ];
  for (const [name, options] of ways) {
    test(`${name}: sees each error as it was thrown; one detail is added`, async () => {
      const h = get();
      const taskQueue = h.id(name.replaceAll(/\W/g, '-'));
      const thrown: unknown[] = [];
      const seen: unknown[] = [];
      const worker = await h.startWorker({
        ...{ taskQueue, workflowsPath },
        ...options(h, reporter(seen)),
        activities: {
          async lock() {
            const error = new CountryLocked('Chad');
            thrown.push(error);
            throw error;
          },
        },
      });
      const workflowId = h.id(name);
      const { deadLetterId, error } = await call(h, workflowId, taskQueue, 'lock', {
        retry: { maximumAttempts: 2, initialInterval: '10ms' },
      });
      assert.ok(deadLetterId, 'no dead letter');
      assert.equal(error?.type, 'CountryLocked');
      assert.equal(thrown.length, 2);
      assert.equal(seen.length, 2);
      assert.ok(seen.every((each, index) => each === thrown[index] && each instanceof CountryLocked));
      assert.equal(await details(h, workflowId), 1);
      await worker.stop();
    });
  }

  test('what an interceptor throws instead is classified', async () => {
    const h = get();
    const taskQueue = h.id('mapping');
    const mapping: ActivityInterceptorsFactory = () => ({
      inbound: {
        async execute(input, next) {
          try {
            return await next(input);
          } catch (error) {
            if (!(error instanceof CountryLocked)) throw error;
            throw Object.assign(new Error(`no record of ${error.country}`), {
              name: 'HttpError',
              status: 422,
            });
          }
        },
      },
    });
    const worker = await h.startWorker({
      ...{ taskQueue, workflowsPath },
      interceptors: { activity: [mapping] },
      activities: {
        async lock() {
          throw new CountryLocked('Mali');
        },
      },
    });
    const { deadLetterId = '' } = await call(h, h.id('mapping'), taskQueue, 'lock');
    const { record } = await h.recovery.deadLetters.get(deadLetterId).describe();
    assert.equal(record.error.errorCategory, 'VALIDATION');
    assert.equal(record.error.statusCode, 422);
    assert.equal(record.error.message, 'no record of Mali');
    await worker.stop();
  });

  test("the user's failure converter sees class and fields of what was thrown, which stays as it was", async () => {
    const h = get();
    const taskQueue = h.id('converter');
    const shared = new QuotaFailure('acme');
    const worker = await h.startWorker({
      ...{ taskQueue, workflowsPath },
      dataConverter: { failureConverterPath: require.resolve('../support/tagging-failures.js') },
      activities: {
        async quota() {
          throw shared;
        },
      },
    });
    for (const time of ['first', 'second']) {
      const workflowId = h.id(`converter-${time}`);
      const { error, deadLetterId } = await call(h, workflowId, taskQueue, 'quota');
      assert.equal(error?.causeMessage, '[acme] quota is used up');
      assert.ok(deadLetterId, 'no dead letter');
      assert.equal(await details(h, workflowId), 1);
    }
    assert.deepEqual(shared.details, ['their own detail']);
    await worker.stop();
  });

  test('a plugin that is given twice to a worker without workflows adds one detail', async () => {
    const h = get();
    const taskQueue = h.id('calls-elsewhere');
    const workflows = await h.startWorker({ taskQueue, workflowsPath });
    const plugins = [h.plugin(), h.plugin()];
    const connection = await h.connect();
    const activities = await h.startWorker({
      ...{ connection, plugins },
      taskQueue: h.id('twice'),
      activities: {
        async reject() {
          throw ApplicationFailure.nonRetryable('rejected');
        },
      },
    });
    const workflowId = h.id('twice');
    await call(h, workflowId, taskQueue, 'reject', { taskQueue: h.id('twice') });
    assert.equal(await details(h, workflowId), 1);
    await activities.stop();
    await workflows.stop();
  });

  test('messages with characters at every cut stay whole everywhere', async () => {
    const h = get();
    const taskQueue = h.id('characters');
    const worker = await h.startWorker({
      ...{ taskQueue, workflowsPath },
      activities: {
        async even() {
          throw ApplicationFailure.nonRetryable('🧭'.repeat(20_000));
        },
        async odd() {
          throw ApplicationFailure.nonRetryable(`x${'🧭'.repeat(20_000)}`);
        },
      },
    });
    for (const activity of ['even', 'odd']) {
      const { deadLetterId = '' } = await call(h, h.id(activity), taskQueue, activity);
      const letter = await h.recovery.deadLetters.get(deadLetterId).describe();
      const { memo } = await h.client.workflow.getHandle(deadLetterId).describe();
      // JSON writes whole characters as they are, and halves as escapes.
      assert.doesNotMatch(JSON.stringify([letter, memo]), /\\ud[89a-f]/i);
    }
    await worker.stop();
  });
});

describe('two copies of a package of the SDK', () => {
  const get = useHarness('two-copies');
  const made: string[] = [];
  after(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

  /** This package as installed beside an application, with a copy of its own of one package of the SDK. */
  async function withCopyOf(name: string) {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'two-copies-')));
    made.push(root);
    const dist = dirname(dirname(__dirname));
    const modules = dirname(dirname(dirname(require.resolve('@temporalio/common/package.json'))));
    await symlink(modules, join(root, 'node_modules'));
    for (const folder of ['activities', 'apilinker', 'client', 'common', 'worker', 'workflows']) {
      await cp(join(dist, folder), join(root, 'plugin', 'dist', folder), { recursive: true });
    }
    const copy = join(root, 'plugin', 'node_modules', '@temporalio', name);
    await mkdir(dirname(copy), { recursive: true });
    await cp(join(modules, '@temporalio', name), copy, { recursive: true });
    const from = createRequire(join(root, 'plugin', 'package.json'));
    const { RecoveryPlugin } = from('./dist/worker/index.js') as typeof import('../../worker/index.js');
    return { RecoveryPlugin, paths: [join(modules, '@temporalio', name), copy] };
  }

  test('no worker starts, and the error says both paths', async () => {
    const h = get();
    const { RecoveryPlugin, paths } = await withCopyOf('common');
    const { connection, namespace } = h;
    const create = (plugin: WorkerPlugin) =>
      Worker.create({ ...{ connection, namespace, workflowsPath }, taskQueue: h.id('x'), plugins: [plugin] });
    await assert.rejects(create(new RecoveryPlugin()), (error: Error) => {
      assert.equal(error.name, 'TwoSdkCopiesError');
      for (const path of paths)
        assert.ok(error.message.includes(path), `${path} is not in: ${error.message}`);
      assert.match(error.message, /two copies of @temporalio\/common .*dedupe/);
      return true;
    });
  });

  test('in observe mode they are logged: it changes nothing', async () => {
    const h = get();
    const { RecoveryPlugin, paths } = await withCopyOf('common');
    const plugin = new RecoveryPlugin({ mode: 'observe', taskQueue: h.recoveryTaskQueue, breaker: false });
    const worker = await h.startWorker({
      ...{ workflowsPath, plugins: [plugin] },
      activities: { echo: async () => 'done' },
    });
    const line = logLines.find(({ message }) => message.includes('two copies of @temporalio/common'));
    for (const path of paths) assert.ok(line?.message.includes(path), `${path} is not in: ${line?.message}`);
    assert.equal((await call(h, h.id('observe'), h.taskQueue, 'echo')).result, 'done');
    await worker.stop();
  });

  test('a copy that does no harm is logged, and failed activities become dead letters', async () => {
    const h = get();
    const { RecoveryPlugin, paths } = await withCopyOf('activity');
    const taskQueue = h.id('harmless');
    const worker = await h.startWorker({
      ...{ taskQueue, workflowsPath },
      plugins: [new RecoveryPlugin({ taskQueue: h.recoveryTaskQueue, breaker: false })],
      activities: {
        async reject() {
          throw ApplicationFailure.nonRetryable('rejected');
        },
      },
    });
    const lines = logLines.filter(({ message }) => message.includes('two copies of @temporalio/activity'));
    assert.equal(lines.length, 1);
    for (const path of paths) assert.ok(lines[0]?.message.includes(path), `${path} is not in the log`);
    assert.ok((await call(h, h.id('harmless'), taskQueue, 'reject')).deadLetterId, 'no dead letter');
    await worker.stop();
  });
});
