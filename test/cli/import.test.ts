// `dlq import`, with files that APILinker 0.7.1 wrote (apilinker-dlq/).
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DeadLetterSummary } from 'temporal-recovery/client';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import { cliOf } from './command-line.js';

const SERVER = '1795658253_SERVER_sync-42.json';
const AUTH = '1795658253_AUTH_unknown.json';

type Answers = { file: string; outcome: string; id?: string; message?: string }[];

describe('dlq import', () => {
  const done: unknown[] = [];
  const activities = { sync: async (payload: unknown) => void done.push(payload) };
  const get = useHarness('import', (h) => h.startWorker({ workflowsPath, activities }));
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'apilinker-dlq-'));
    await cp(join(__dirname, '..', '..', '..', 'test', 'cli', 'apilinker-dlq'), directory, {
      recursive: true,
    });
    await mkdir(join(directory, 'processed'));
    await cp(join(directory, SERVER), join(directory, 'processed', 'done.json'));
    await writeFile(join(directory, 'broken.json'), '{"id": "half a fi');
    await writeFile(join(directory, 'other.json'), '{"last_sync": {}}');
  });
  after(() => rm(directory, { recursive: true }));

  const args = (...more: string[]) => {
    const { taskQueue, queue } = get();
    const flags = ['--activity', 'sync', '--activity-task-queue', taskQueue, '--queue', queue];
    return ['dlq', 'import', directory, ...flags, ...more];
  };
  const outcomes = (answers: Answers) =>
    Object.fromEntries(answers.map(({ file, outcome }) => [file, outcome]));
  const letters = () => get().recovery.deadLetters.list({ queue: get().queue });

  test('a dry run writes nothing', async () => {
    const { answer, code } = await cliOf(get()).json<Answers>(args('--dry-run'));
    const expected = { [SERVER]: 'WOULD_IMPORT', [AUTH]: 'WOULD_IMPORT' };
    assert.deepEqual(outcomes(answer), { ...expected, 'broken.json': 'ERROR', 'other.json': 'ERROR' });
    assert.equal(code, 1);
    assert.deepEqual(await letters(), []);
  });

  test('makes a letter of each file, once, and says which files are no items', async () => {
    const h = get();
    const { json, run } = cliOf(h);
    const one = await json<Answers>(args('--operation', 'target_create_item'));
    assert.equal(one.code, 1, one.stderr);
    assert.equal(outcomes(one.answer)[SERVER], 'IMPORTED');
    assert.equal(outcomes(one.answer)[AUTH], undefined);
    const shown = await run(args());
    assert.equal(shown.code, 1);
    assert.match(shown.stdout, /IMPORTED +1795658253_AUTH_unknown\.json/);
    assert.match(shown.stdout, /SKIPPED +1795658253_SERVER_sync-42\.json .*imported before/);
    assert.match(shown.stdout, /ERROR +broken\.json .*JSON/);
    assert.match(shown.stdout, /ERROR +other\.json .*no item of APILinker/);
    assert.match(shown.stdout, /1 imported, 1 imported before, 2 not imported/);
    const found = await eventually(async () => {
      const all = await letters();
      return all.length === 2 && all;
    });
    assert.deepEqual(found.map(({ operation }) => operation).sort(), [
      'source_list_items',
      'target_create_item',
    ]);
    assert.deepEqual((await readdir(directory)).sort(), [
      ...[AUTH, SERVER, 'broken.json', 'other.json', 'processed'],
    ]);
  });

  test('the letter has what the item had, and is replayed with its payload', async () => {
    const h = get();
    const { json, run } = cliOf(h);
    const { answer } = await json<DeadLetterSummary[]>([
      'dlq',
      'list',
      '--correlation-id',
      'sync-42',
      '--queue',
      h.queue,
    ]);
    assert.equal(answer.length, 1);
    assert.equal(answer[0]?.correlationId, 'sync-42');
    const table = await run(['dlq', 'list', '--queue', h.queue]);
    assert.match(table.stdout, /CORRELATION +MESSAGE\n/);
    assert.match(table.stdout, /sync-42/);
    const letter = h.recovery.deadLetters.get(answer[0]?.id ?? '');
    const { record, args: given } = await letter.describe();
    const payload = { endpoint: 'create_item', data: { sku: 'A-1' } };
    assert.deepEqual(given, [payload]);
    const { message, errorCategory, statusCode, responseBody, requestMethod, operationId } = record.error;
    assert.deepEqual(
      [message, errorCategory, statusCode, responseBody, requestMethod, operationId],
      ['HTTP 503', 'SERVER', 503, '{"why":"down"}', 'POST', 'target_create_item_retry_2'],
    );
    assert.equal(record.error.timestamp, new Date('2026-11-26T01:57:33.392').toISOString());
    assert.deepEqual(record.metadata, {
      operationType: 'target_create_item',
      importedFrom: { file: SERVER, id: '1795658253_SERVER_sync-42' },
    });
    assert.equal((await letter.replay({ by: 'ada' })).outcome, 'REPLAYED');
    assert.deepEqual(done, [payload]);
    // Done is done: the file is not imported again.
    const again = await json<Answers>(args());
    assert.equal(outcomes(again.answer)[SERVER], 'SKIPPED');
  });

  test('a directory that is none is a usage error', async () => {
    const { code, stderr } = await cliOf(get()).run(['dlq', 'import', '/nowhere', ...args().slice(3)]);
    assert.equal(code, 2);
    assert.match(stderr, /import: "\/nowhere" could not be read.*give the directory/);
  });
});
