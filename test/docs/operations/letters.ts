import assert from 'node:assert/strict';
import { eventually } from '../../support/harness.js';
import { IN_TWO_DAYS, type Night } from './night.js';
import type { Section, Step } from './steps.js';

const named = (letter = '') => ({ values: { letter } });

/** The last step of a cause that is mended. */
const redriven = (night: Night, ids: readonly string[], values: NonNullable<Step['values']>) => ({
  'npx temporal-recovery dlq redrive --group <group> --canary 5 --rate 10 --by <you> --reason "mended"': {
    values,
    answer: 'y',
    check: () => night.assertStatus(ids, 'REPLAYED'),
  },
});

export const LETTERS: Readonly<Record<string, Section>> = {
  async TemporalRecoveryOldLetters(night) {
    const [first = '', second = '', third = ''] = await night.letters('write', 3);
    const story = async (id: string, event: string) => {
      const { story } = await night.recovery.deadLetters.get(id).state();
      assert.ok(
        story.some((each) => each.by === 'ada' && each.event.startsWith(event)),
        JSON.stringify(story),
      );
    };
    return {
      'npx temporal-recovery dlq groups --until 1d': {
        env: IN_TWO_DAYS,
        check: (output) => assert.match(output, /\d WAITING .* write +field <value> is missing/),
      },
      'npx temporal-recovery dlq show <letter>': {
        ...named(first),
        check: (output) => assert.match(output, /field "country" is missing[\s\S]*record-\d/),
      },
      'npx temporal-recovery dlq replay <letter> --by <you> --reason "the service takes it now"': {
        ...named(first),
        before: () => night.mend('write'),
        async check() {
          await night.assertStatus([first], 'REPLAYED');
          await story(first, 'replay');
        },
      },
      'npx temporal-recovery dlq resolve <letter> --by <you> --reason "done by hand"': {
        ...named(second),
        async check() {
          await night.assertStatus([second], 'RESOLVED');
          await story(second, 'resolved');
        },
      },
      'npx temporal-recovery dlq discard <letter> --by <you> --reason "the order was cancelled"': {
        ...named(third),
        async check() {
          await night.assertStatus([third], 'DISCARDED');
          await story(third, 'discarded');
        },
      },
    };
  },

  async TemporalRecoveryManyLetters(night) {
    const ids = await night.letters('ship', 7);
    const group = await night.groupOf(ids[0] ?? '');
    const values = { group, name: 'ship' };
    let stopped: Awaited<ReturnType<typeof night.start>> | undefined;
    return {
      'npx temporal-recovery dlq groups --since 1h': {
        check: (output) => assert.match(output, new RegExp(`${group} .* 7 WAITING .* ship `)),
      },
      'npx temporal-recovery dlq group show <group>': {
        values,
        check: (output) =>
          assert.match(output, /^ship · VALIDATION · 422 · field <value> is missing\nOPEN for /),
      },
      'npx temporal-recovery breaker open <name> --expires-in 30m --by <you> --reason "stop while we look"': {
        values,
        answer: 'y',
        async check(output) {
          assert.match(output, /FORCED_OPEN/);
          // Within half a minute; until then calls become letters.
          stopped = await night.waiting('ship', /ship/);
        },
      },
      'npx temporal-recovery breaker reset <name> --by <you> --reason "mended"': {
        values,
        before: () => night.mend('ship'),
        async check() {
          assert.equal(await night.result(stopped), 'ship done');
        },
      },
      'npx temporal-recovery dlq redrive --group <group> --dry-run': {
        values,
        async check(output) {
          assert.match(
            output,
            /^COMPLETED, a dry run: \d+ letters would be taken \(replay\); nothing was done/,
          );
          await night.assertStatus(ids, 'WAITING');
        },
      },
      ...redriven(night, ids, values),
    };
  },

  async TemporalRecoveryFlood(night) {
    const ids = await night.letters('order', 6);
    const group = await night.groupOf(ids[0] ?? '');
    const values = { name: 'order', operation: 'order', group };
    const breaker = night.recovery.breakers.get('order');
    await eventually(async () => ((await breaker.describe()).floods ?? []).length > 0);
    const held = await night.waiting('order', /^Flood of dead letters/);
    return {
      'npx temporal-recovery breaker show <name>': {
        values,
        check: (output) => assert.match(output, /calls of "order" are held since /),
      },
      'npx temporal-recovery dlq list --group <group> --limit 5': {
        values,
        check: (output) => assert.equal(output.match(/WAITING/g)?.length, 5, output),
      },
      'npx temporal-recovery breaker resume <name> --operation <operation> --by <you> --reason "mended"': {
        values,
        before: () => night.mend('order'),
        async check() {
          assert.equal(await night.result(held), 'order done');
        },
      },
      ...redriven(night, ids, values),
    };
  },

  async TemporalRecoveryLettersExpired(night) {
    const [id = ''] = await night.letters('invoice', 1);
    await eventually(async () =>
      (await night.recovery.deadLetters.list({ status: 'EXPIRED' })).some((each) => each.id === id),
    );
    return {
      'npx temporal-recovery dlq list --status EXPIRED --since 1d': {
        check: (output) => assert.match(output, /EXPIRED .* invoice /),
      },
      'npx temporal-recovery dlq restore <letter> --by <you> --reason "still to be done"': {
        ...named(id),
        before: () => night.mend('invoice'),
        check: (output) => assert.match(output, /^RESTORED .*needs a decision again/),
      },
      'npx temporal-recovery dlq replay <letter> --by <you>': {
        ...named(id),
        check: () => night.assertStatus([id], 'REPLAYED'),
      },
    };
  },
};
