import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DeadLetterStatus } from 'temporal-recovery/client';
import { eventually, useHarness } from '../support/harness.js';
import { findChromium } from './browser.js';
import { Letters } from './letters.js';
import { assertLinks, RAW_MARKDOWN } from './our-pages.js';
import { assertEventually, TemporalUi } from './temporal-ui.js';

const chromium = findChromium();

interface Made {
  readonly id: string;
  readonly originId: string;
}

interface State {
  readonly status: DeadLetterStatus;
  /** Brings a letter there. */
  bring(letters: Letters): Promise<Made>;
  /** What it is, who did that and why, in words of the page. */
  readonly shows: readonly string[];
}

/** Of letters that are not final. */
const TO_DO = [
  'What you can do (button More Actions → Send a Signal, encoding json/plain):',
  'other arguments: signal replay, input {"args": [ … all arguments … ], "by": "you"}',
  'done by other means: signal resolve, input {"by": "you", "reason": "…"}',
  'need not be done: signal discard, input {"by": "you", "reason": "…"}',
];

const FINAL: readonly DeadLetterStatus[] = ['REPLAYED', 'RESOLVED', 'SUPERSEDED', 'DISCARDED', 'EXPIRED'];

/** In the order in which they are made: the target rejects, then its breaker is open, then it is mended. */
const STATES: Record<string, State> = {
  'WAITING again after a replay that failed': {
    status: 'WAITING',
    async bring(letters) {
      const made = await letters.make('tried');
      await made.letter.replay({ by: 'ada', reason: 'the service is back' });
      return made;
    },
    shows: [
      'WAITING for a decision since',
      'replayed once',
      'replay started by ada · reason: the service is back',
      'replay failed by ada · VALIDATION 422 · PUT /countries/ATA answered 422',
      'Try again with the same arguments: signal replay, input {"by": "you", "reason": "service is back"}',
    ],
  },
  RESOLVED: {
    status: 'RESOLVED',
    async bring(letters) {
      const made = await letters.make('resolved');
      await made.letter.resolve({ result: 'created', by: 'ada', reason: 'written by hand, ticket 4711' });
      return made;
    },
    shows: [
      'RESOLVED: the work was done by other means',
      'resolved by ada · reason: written by hand, ticket 4711',
    ],
  },
  DISCARDED: {
    status: 'DISCARDED',
    async bring(letters) {
      const made = await letters.make('discarded');
      await made.letter.discard({ by: 'bob', reason: 'nobody lives there' });
      return made;
    },
    shows: [
      'DISCARDED: the work was not done and need not be done',
      'discarded by bob · reason: nobody lives there',
    ],
  },
  EXPIRED: {
    status: 'EXPIRED',
    bring: (letters) => letters.expire('expired'),
    shows: [
      'EXPIRED: the work was not done',
      "To do it after all, start this letter again: temporal-recovery dlq restore 'dead-letter/",
      'expired: no decision in time',
    ],
  },
  SUPERSEDED: {
    status: 'SUPERSEDED',
    async bring(letters) {
      const made = await letters.make('superseded', 'RECORD', 'recordSync');
      const later = await letters.origin('later', 'RECORD', 'recordSync');
      await later.result();
      await eventually(async () => (await made.letter.describe()).status === 'SUPERSEDED');
      return made;
    },
    shows: [
      'SUPERSEDED: a later call of the same record succeeded',
      'superseded: a later call of the same record succeeded · workflow ',
    ],
  },
  'HELD since somebody forced its breaker open': {
    status: 'HELD',
    async bring(letters) {
      const made = await letters.make('turned-away', 'GUARDED');
      await letters.forceOpen('GUARDED');
      await made.letter.replay({ by: 'ada', reason: 'capital is optional now' });
      return made;
    },
    shows: [
      'HELD until its circuit breaker closes; then it is replayed automatically (tried once so far)',
      'Breaker details and manual controls: circuit-breaker/',
      'The workflow that made this call has FAILED since. A replay repeats only this call.',
      'replay started by ada · reason: capital is optional now · origin: failed',
      'held · Waits for circuit breaker',
      'Wait: it is replayed automatically when the breaker closes. To try now: signal replay, input {"force": true, "by": "you"}',
    ],
  },
  'HELD from its start, by an outage': {
    status: 'HELD',
    async bring(letters) {
      const made = await letters.make('outage', 'OUTAGE');
      await made.letter.replay({ by: 'ada', reason: 'impatient' });
      return made;
    },
    shows: [
      'HELD until its circuit breaker closes; then it is replayed automatically',
      'Breaker details and manual controls: circuit-breaker/',
      'held · Waits for circuit breaker',
      'held by ada · The letter waits for its circuit breaker',
      'reason: impatient',
    ],
  },
  REPLAYING: {
    status: 'REPLAYING',
    async bring(letters) {
      const made = await letters.make('slow', 'SLOW');
      letters.mend();
      await made.letter.signalReplay({ by: 'ada', reason: 'capital is optional now' });
      await eventually(async () => (await made.letter.describe()).status === 'REPLAYING');
      return made;
    },
    shows: [
      'REPLAYING now (replay 1)',
      'replay started by ada · reason: capital is optional now',
      'Signals sent now wait for the end of this replay.',
    ],
  },
};

describe('the states of a dead letter in the Temporal UI', {
  skip: chromium === undefined && 'no Chromium on this machine',
}, () => {
  const get = useHarness('ui-states');
  let ui: TemporalUi;
  let letters: Letters;
  const made = new Map<string, Made>();

  before(
    async () => {
      ui = await TemporalUi.open(get(), chromium ?? '');
      letters = await new Letters(get()).start();
      for (const [name, state] of Object.entries(STATES)) made.set(name, await state.bring(letters));
    },
    { timeout: 150_000 },
  );
  after(() => ui?.close());

  const screenshot = async (name: string) => {
    const folder = process.env.SCREENSHOT;
    if (folder) await ui.page.screenshot({ path: `${folder}/state-${name.replaceAll(/\W+/g, '-')}.png` });
  };

  for (const [name, { status, shows }] of Object.entries(STATES)) {
    test(`${name}: its page tells who, why and what to do, and leads to where it came from`, async () => {
      const { id, originId } = made.get(name) as Made;
      await ui.openWorkflow(id, 'User Metadata');
      await assertEventually(async () => {
        const shown = await ui.shownText();
        const expected = FINAL.includes(status) ? shows : [...shows, ...TO_DO];
        for (const text of expected) assert.ok(shown.includes(text), `"${text}" is not shown in: ${shown}`);
        if (FINAL.includes(status)) assert.doesNotMatch(shown, /What you can do/);
        assert.doesNotMatch(shown, RAW_MARKDOWN);
      });
      await assertLinks(get(), ui);
      await screenshot(name);

      const origin = await ui.followLink(originId);
      await origin.getByRole('heading', { name: originId, exact: true }).waitFor();
      assert.ok(new URL(origin.url()).pathname.includes(`/workflows/${originId}/`), origin.url());
      // And back: what to look for is on its page. The letter that all failures of a record share is in the result.
      const where = status === 'SUPERSEDED' ? ', is in the result' : `: ${id}`;
      await origin.getByText(`Its dead letter, where there is one${where}`).first().waitFor();
      await origin.close();
    });
  }

  test('the list finds each by its state', async () => {
    for (const status of new Set(Object.values(STATES).map((state) => state.status))) {
      const wanted = Object.entries(STATES).filter(([, state]) => state.status === status);
      await ui.openList(
        `RecoveryStatus="${status}" AND (WorkflowId STARTS_WITH "dead-letter/${get().id('')}" OR RecoveryQueue="${get().queue}")`,
      );
      for (const [name] of wanted) await ui.page.getByRole('link', { name: made.get(name)?.id }).waitFor();
      for (const [name, { id }] of made) {
        const isListed = (await ui.page.getByRole('link', { name: id }).count()) > 0;
        assert.equal(isListed, STATES[name]?.status === status, `${name} in the list of ${status}`);
      }
      await screenshot(`list-${status}`);
    }
  });
});
