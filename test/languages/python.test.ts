import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';
import { has } from './has.js';

const run = promisify(execFile);
const SDK = 'temporalio==1.31.0';
const folder = resolve(__dirname, '../../../examples/python-worker');
/** Outside of the repository, and kept: the SDK is 15 MB. */
const cache = join(homedir(), '.cache', 'temporal-recovery', SDK.replace('==', '-'));
const python = join(cache, 'bin', 'python');

const skip = has('python3') ? false : 'python3 is not on this machine';

describe('a worker of the Python SDK', { skip }, () => {
  const state = mkdtempSync(join(tmpdir(), 'python-worker-'));
  let worker: ChildProcess | undefined;
  let errors = '';
  let environment: NodeJS.ProcessEnv = {};
  const get = useHarness('python', (h) =>
    h.startWorker({ workflowsPath: require.resolve('./workflows.js') }),
  );

  before(async () => {
    await installSdk();
    const { connectionOptions, namespace, taskQueue, recoveryTaskQueue, queue } = get();
    environment = {
      ...process.env,
      TEMPORAL_ADDRESS: connectionOptions.address,
      TEMPORAL_NAMESPACE: namespace,
      TASK_QUEUE: `${taskQueue}-python`,
      RECOVERY_TASK_QUEUE: recoveryTaskQueue,
      QUEUE: queue,
      ORDERS_FOLDER: state,
    };
    worker = spawn(python, [join(folder, 'worker.py')], { env: environment });
    worker.stderr?.on('data', (data) => {
      errors += data;
    });
  });
  after(() => worker?.kill('SIGKILL'));

  const call = (order: object, options: object = {}) =>
    get().client.workflow.execute('callOne', {
      workflowId: get().id(`call-${Math.random()}`),
      taskQueue: get().taskQueue,
      args: [
        'sendOrder',
        [order],
        { taskQueue: `${get().taskQueue}-python`, retry: { maximumAttempts: 1 }, ...options },
      ],
    }) as Promise<Seen>;

  const CASES: [string, object, string, number | undefined][] = [
    ['a status in the details', { message: 'refused', details: [{ status: 404 }] }, 'CLIENT', 404],
    [
      'in a later detail, by another name',
      { message: 'refused', details: ['x', { status_code: 503 }] },
      'SERVER',
      503,
    ],
    ['a code of HTTP', { message: 'refused', details: [{ code: 429 }] }, 'RATE_LIMIT', 429],
    ['a type', { message: 'no name', type: 'ValidationError' }, 'VALIDATION', undefined],
    ['a message', { message: 'HTTP Error 502: Bad Gateway' }, 'SERVER', 502],
  ];
  for (const [what, order, category, status] of CASES) {
    test(`its failure is dead-lettered and classified by ${what}`, async () => {
      const id = `${category}-${what}`;
      const { deadLetterId } = (await call({ ...order, id })) as { deadLetterId?: string };
      assert.ok(deadLetterId, errors);
      const { record } = await get().recovery.deadLetters.get(deadLetterId).describe();
      assert.deepEqual([record.error.errorCategory, record.error.statusCode], [category, status]);
    });
  }
});

async function installSdk(): Promise<void> {
  if (existsSync(join(cache, 'ready'))) return;
  mkdirSync(cache, { recursive: true });
  await run('python3', ['-m', 'venv', cache]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SDK], {
    timeout: 150_000,
  });
  writeFileSync(join(cache, 'ready'), '');
}
