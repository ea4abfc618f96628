import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runCampaign } from './campaign.js';
import { SHORT } from './options.js';
import { textOf } from './report.js';

/** Always the same faults; `npm run test:faults` has others each time. */
const SEED = 1;

describe('a campaign of faults', () => {
  test('every record is written or is one letter, every letter is replayed once, every parked workflow gets its answer', async (t) => {
    const { figures, wrong, folder } = await runCampaign({
      ...{ seed: SEED, size: SHORT, say: (line: string) => t.diagnostic(line) },
    });
    for (const line of textOf(figures).split('\n')) t.diagnostic(line);
    assert.deepEqual(wrong, [], `seed ${SEED}, logs in ${folder}`);
    // It was one: faults of each kind, and records that took both ways.
    assert.equal(new Set(figures.faults.map(({ kind }) => kind)).size, 11);
    assert.ok(figures.records.includes('written'));
    assert.ok(figures.records.some((fate) => fate !== 'written'));
    // Visibility lied to redrives, and in several ways.
    assert.ok(new Set(figures.lies.map(({ lie }) => lie)).size >= 3, `${figures.lies.length} lies`);
    assert.ok(figures.listed.redrives.length >= 7);
    assert.ok(figures.target.failed > 20, `${figures.target.failed} calls failed`);
  });
});
