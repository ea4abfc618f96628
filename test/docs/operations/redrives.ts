import assert from 'node:assert/strict';
import { eventually } from '../../support/harness.js';
import type { Section } from './steps.js';

export const REDRIVES: Readonly<Record<string, Section>> = {
  async TemporalRecoveryReplaysFail(night) {
    const ids = await night.letters('write', 4);
    const [first = '', , , last = ''] = ids;
    const redrive = await night.recovery.redrives.start({ ids, rate: 0.05, maxFailureShare: 1 });
    await eventually(async () => (await redrive.progress()).failed === 1);
    const values = { redrive: redrive.id };
    const status = async () => (await redrive.progress()).status;
    return {
      'npx temporal-recovery dlq show <letter>': {
        values: { letter: first },
        check: (output) =>
          assert.match(output, /replay-failed · by .*VALIDATION 422 · field "country" is missing/),
      },
      'npx temporal-recovery dlq redrive list': {
        check: (output) =>
          assert.match(output, new RegExp(`RUNNING .*${redrive.id.replace('redrive/', '')}`)),
      },
      'npx temporal-recovery dlq redrive pause <redrive> --by <you> --reason "replays fail"': {
        values,
        check: () => eventually(async () => (await status()) === 'PAUSED'),
      },
      'npx temporal-recovery dlq edit <letter>': {
        values: { letter: last },
        env: { EDITOR: `sed -i 's/record/mended/'` },
        answer: 'y',
        before: () => night.mend('write'),
        async check() {
          await night.assertStatus([last], 'REPLAYED');
          assert.match(night.reached.at(-1) ?? '', /write mended/);
        },
      },
      'npx temporal-recovery dlq redrive resume <redrive> --by <you> --reason "mended"': {
        values,
        async check() {
          await redrive.setRate(20);
          const { status, outcomes } = await redrive.result();
          assert.equal(status, 'COMPLETED');
          // Those that were tried before the pause are open as before.
          const failed = outcomes.filter(({ outcome }) => outcome === 'FAILED').map(({ id }) => id);
          assert.equal(failed[0], first);
          assert.ok(failed.length < 3, failed.join());
          await night.assertStatus(
            ids.filter((id) => !failed.includes(id)),
            'REPLAYED',
          );
        },
      },
    };
  },

  async TemporalRecoveryRedriveStopped(night) {
    const ids = await night.letters('ship', 6);
    const group = await night.groupOf(ids[0] ?? '');
    const redrive = await night.recovery.redrives.start({ filter: { group }, canary: 5 });
    assert.equal((await redrive.result()).status, 'STOPPED');
    const values = { redrive: redrive.id, group };
    return {
      'npx temporal-recovery dlq redrive show <redrive>': {
        values,
        // As a redrive that is watched: it did not do what was asked.
        code: 1,
        check: (output) =>
          assert.match(output, /^STOPPED .*5 failed of 6 letters\nWhy: a letter of the canary failed/),
      },
      'npx temporal-recovery dlq redrive outcomes <redrive>': {
        values,
        check: (output) => assert.equal(output.match(/FAILED/g)?.length, 5, output),
      },
      'npx temporal-recovery dlq redrive --group <group> --canary 5 --by <you> --reason "second try"': {
        values,
        answer: 'y',
        before: () => night.mend('ship'),
        check: () => night.assertStatus(ids, 'REPLAYED'),
      },
    };
  },
};
