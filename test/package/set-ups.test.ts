import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { environmentFor, startTemporalServer } from '../../examples/temporal-server/index.js';
import { type Packed, pack } from './pack.js';
import { runSetUp } from './project.js';
import { SET_UPS, type SetUp } from './set-ups.js';

/** `all`, or parts of the names of those that are to run, with commas between them. */
const { PACKAGES } = process.env;

function isChosen({ name, isQuick }: SetUp): boolean {
  if (PACKAGES === undefined) return isQuick === true;
  return PACKAGES === 'all' || PACKAGES.split(',').some((part) => name.includes(part));
}

describe('the packed package: a worker starts, an activity fails, its letter is replayed', () => {
  let folder: string;
  let packed: Packed;
  let server: Awaited<ReturnType<typeof startTemporalServer>>;

  before(async () => {
    server = await startTemporalServer({ log: () => undefined });
    folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-packed-'));
    packed = await pack(folder);
  });
  after(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
    await server?.stop();
  });

  for (const setUp of SET_UPS.filter(isChosen)) {
    test(setUp.name, async () => {
      const printed = await runSetUp(setUp, packed, environmentFor(server));
      assert.match(printed, setUp.expected ?? /outcome: REPLAYED/);
    });
  }
});
