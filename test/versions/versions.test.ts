import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { environmentFor, startTemporalServer } from '../../examples/temporal-server/index.js';
import { pack } from '../package/pack.js';
import { EXPECTED } from './expected.js';
import { installedProject } from './project.js';

/** The newest patch of each minor version for which all packages are published. */
const ALL = ['1.16.1', '1.17.5', '1.18.2', '1.19.0', '1.20.3', '1.21.1', '1.22.0', '1.23.0', '1.24.0'];
const { SDK_VERSIONS } = process.env;
const VERSIONS = SDK_VERSIONS === 'all' ? ALL : (SDK_VERSIONS?.split(',') ?? ['1.16.1', '1.20.3']);

describe('the packed package beside versions of the SDK', () => {
  let folder: string;
  let tarball: string;
  let server: Awaited<ReturnType<typeof startTemporalServer>>;

  before(async () => {
    server = await startTemporalServer({ log: () => undefined });
    folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-packed-'));
    ({ tarball } = await pack(folder));
  });
  after(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
    await server?.stop();
  });

  for (const version of VERSIONS) {
    test(`SDK ${version}: calls, letters, replays, parking, breaker, redrive, observe`, async () => {
      const project = await installedProject(tarball, version);
      try {
        assert.deepEqual(await project.typeProblems(), []);
        assert.deepEqual(await project.run(environmentFor(server)), EXPECTED);
      } finally {
        await project.remove();
      }
    });
  }
});
