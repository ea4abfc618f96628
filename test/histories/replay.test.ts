import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { RecoveryPlugin } from '../../worker/index.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { useHarness, workflowsPath } from '../support/harness.js';
import { recordBreakers } from './record-breakers.js';
import { endingsPath, recordCalls, saveTo } from './record-calls.js';
import { recordEntities } from './record-entities.js';
import { recordLetters } from './record-letters.js';
import { recordRedrives } from './record-redrives.js';

const { History } = temporal.api.history.v1;

const folder = join(__dirname, '..', '..', '..', 'test', 'histories');

/** `RECORD_HISTORIES=0.2.0 npm test -- histories/replay`, once per release, writes the folder of that version. */
const record = process.env.RECORD_HISTORIES;

describe('histories of every released version replay', () => {
  const get = useHarness('histories');

  before(async () => {
    if (record === undefined) return;
    const save = saveTo(get(), join(folder, record));
    await recordCalls(get(), save);
    await recordBreakers(get(), save);
    await recordLetters(get(), save);
    await recordRedrives(get(), save);
    await recordEntities(get(), save);
  });

  for (const version of readdirSync(folder).filter((name) => /^\d/.test(name))) {
    test(`version ${version}`, async () => {
      const files = readdirSync(join(folder, version));
      assert.ok(files.length > 0);
      const read = (prefix: string) =>
        files
          .filter((file) => file.startsWith(prefix))
          .map((file) => ({
            workflowId: file,
            history: History.decode(readFileSync(join(folder, version, file))),
          }));
      const recovery = { workflowBundle: await recoveryBundle() };
      // Whatever is configured now: what was decided is in the history.
      for (const plugin of [
        new RecoveryPlugin(),
        new RecoveryPlugin({ strategies: 'SKIP', operations: { '*': { onExhausted: 'fail' } } }),
        new RecoveryPlugin({ categories: { VALIDATION: { fallback: { value: 'now' } } }, maxRetries: 1 }),
      ]) {
        const origins = { workflowsPath, plugins: [plugin] };
        const endings = { workflowsPath: endingsPath, plugins: [plugin] };
        for (const [options, histories] of [
          [origins, read('origin-')],
          [endings, read('ending-')],
          [recovery, ['letter-', 'breaker-', 'redrive-', 'group-', 'limit-', 'errors-'].flatMap(read)],
        ] as const) {
          for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
            assert.equal(error, undefined, `${workflowId}: ${error}`);
          }
        }
      }
    });
  }
});
