import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { environmentFor, startTemporalServer } from '../../examples/temporal-server/index.js';
import { EXPECTED } from './expected.js';
import { projectWithFakeSdk } from './project.js';

describe('an SDK that was not tried', () => {
  let server: Awaited<ReturnType<typeof startTemporalServer>>;

  before(async () => {
    server = await startTemporalServer({ log: () => undefined });
  });
  after(() => server?.stop());

  const run = async (version: string, ...changes: Parameters<typeof projectWithFakeSdk>[1]) => {
    const project = await projectWithFakeSdk(version, changes);
    try {
      return await project.run(environmentFor(server));
    } finally {
      await project.remove();
    }
  };

  test('calls are pending under another name: they are caught in another way', async () => {
    assert.deepEqual(await run('1.25.0', [/\bcompletions\b/g, 'pendingCalls']), EXPECTED);
  });

  test('calls are handed out as copies: they are caught in another way', async () => {
    const copies =
      'get completions() { return { ...this.kept, activity: new Map([...this.kept.activity].map(([seq, call]) => [seq, { ...call }])) }; }\n    kept = {';
    assert.deepEqual(
      // The SDK itself uses what it keeps.
      await run('1.25.0', [/\bcompletions\b(?! = \{)/g, 'kept'], ['completions = {', copies]),
      EXPECTED,
    );
  });

  test('what cannot be done without is missing: it is refused when the worker is made, with the versions', async () => {
    await assert.rejects(
      run('1.25.0', [/\bregisteredActivityNames\b/g, 'namesOfActivities']),
      /UnsupportedSdkError.*works with @temporalio packages 1\.16 to 1\.24; version 1\.25\.0 is installed: its self-test failed: .*registeredActivityNames/,
    );
  });

  test('failures of activities never arrive: it is refused when the worker is made', async () => {
    await assert.rejects(
      run('1.25.0', ['reject(this.failureConverter', 'void (this.failureConverter']),
      /UnsupportedSdkError.*self-test failed/,
    );
  });

  test('a version before plugins is refused', async () => {
    await assert.rejects(run('1.15.0'), /UnsupportedSdkError.*version 1\.15\.0 is installed/);
  });
});
