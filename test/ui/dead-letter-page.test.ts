import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { useHarness } from '../support/harness.js';
import { findChromium } from './browser.js';
import { Letters } from './letters.js';
import { assertEventually, TemporalUi } from './temporal-ui.js';

const chromium = findChromium();

describe('a dead letter in the Temporal UI', {
  skip: chromium === undefined && 'no Chromium on this machine',
}, () => {
  const get = useHarness('ui');
  let ui: TemporalUi;
  let page: Page;
  let letters: Letters;
  let letter: { readonly id: string; readonly originId: string };

  before(async () => {
    ui = await TemporalUi.open(get(), chromium ?? '');
    page = ui.page;
    letters = await new Letters(get()).start();
    letter = await letters.make('country-sync');
  });
  after(() => ui?.close());

  const open = (tab = '', id = letter.id) => ui.openWorkflow(id, tab);

  test('the list shows it', async () => {
    await ui.openList(`RecoveryStatus="WAITING" AND RecoveryQueue="${get().queue}"`);
    await page.getByRole('link', { name: letter.id }).waitFor();
  });

  test('its page opens on what failed and what to press', async () => {
    await open();
    await page.getByText('writeCountry failed: VALIDATION 422').first().waitFor();
    await page.getByText('More Actions, Send a Signal', { exact: false }).first().waitFor();
  });

  test('its details tell why, how often, since when, where from and what to do', async () => {
    await open('User Metadata');
    await assertEventually(async () => {
      const shown = await ui.shownText();
      for (const expected of [
        'PUT https://target.example/countries/ATA?api_key=[REDACTED]',
        'must NOT have fewer than 1 items',
        'VALIDATION (status 422)',
        'Attempts: 1',
        get().id('country-sync'),
        'WAITING for a decision since',
        'signal replay',
        '"cca3": "ATA"',
      ]) {
        assert.ok(shown.includes(expected), `"${expected}" is not shown in: ${shown}`);
      }
      assert.ok(!shown.includes('s3cr3t'));
    });
  });

  test('what an error says is shown as it is, nowhere read as Markdown or HTML', async () => {
    const hostile = await letters.make('hostile', 'MARKDOWN');
    await open('User Metadata', hostile.id);
    // Summary, details and current details.
    await assertEventually(async () => {
      const times = (await ui.shownText()).split('<img src=x onerror="alert(1)"> **bold**').length - 1;
      assert.ok(times >= 2, `shown ${times} times`);
    });
    for (const frame of page.frames()) {
      assert.equal(await frame.locator('img[src="x"], a[href*="evil.example"]').count(), 0);
    }
  });

  test('the page of the workflow it came from says that the activity failed, and names the letter', async () => {
    await ui.openHistory(letter.originId);
    await page
      .getByText(`writeCountry failed for good. Its dead letter, where there is one: ${letter.id}`)
      .first()
      .waitFor();
    const { uiUrl, namespace } = get();
    const query = encodeURIComponent(`WorkflowId STARTS_WITH "dead-letter/${letter.originId}/"`);
    await page.goto(`${uiUrl}/namespaces/${namespace}/workflows?query=${query}`);
    await page.getByRole('link', { name: letter.id }).waitFor();
  });

  test('nonsense typed into the signal dialog is noted and changes nothing', async () => {
    await open();
    await ui.sendSignal('replay', '{"arguments": 5}');
    await assertEventually(async () => {
      const { status, story } = await get().recovery.deadLetters.get(letter.id).describe();
      assert.equal(status, 'WAITING');
      assert.match(story.at(-1)?.message ?? '', /unknown field "arguments"/);
    });
  });

  test('replay sent through the signal dialog completes it', async () => {
    letters.mend();
    await open();
    await ui.sendSignal('replay', '{"by": "ada", "reason": "capital is optional now"}');
    await page.getByText('Completed').first().waitFor();
    const { status, story } = await get().recovery.deadLetters.get(letter.id).describe();
    assert.equal(status, 'REPLAYED');
    assert.deepEqual(
      story.slice(-2).map(({ event, by, reason }) => [event, by, reason]),
      [
        ['replay-started', 'ada', 'capital is optional now'],
        ['replay-succeeded', 'ada', 'capital is optional now'],
      ],
    );
  });
});
