import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { useHarness } from '../support/harness.js';
import { findChromium, launch } from './browser.js';
import { makeLetter } from './letter.js';

const chromium = findChromium();

describe('a dead letter in the Temporal UI', {
  skip: chromium === undefined && 'no Chromium on this machine',
}, () => {
  const get = useHarness('ui');
  let browser: Browser;
  let page: Page;
  let letter: Awaited<ReturnType<typeof makeLetter>>;

  before(async () => {
    browser = await launch(chromium ?? '');
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(15_000);
    letter = await makeLetter(get(), get().id('country-sync'));
  });
  after(() => browser?.close());

  const open = async (tab = '') => {
    const { uiUrl, namespace } = get();
    await page.goto(`${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(letter.id)}`);
    await page.getByRole('button', { name: 'More Actions' }).waitFor();
    if (tab !== '') await page.getByText(tab, { exact: true }).first().click();
  };

  /** The dialog a person uses: More Actions → Send a Signal. */
  const sendSignal = async (name: string, input: string) => {
    await page.getByRole('button', { name: 'More Actions' }).click();
    await page.getByRole('menuitem', { name: 'Send a Signal' }).click();
    // The page holds the dialogs of all actions, and some twice: only one is visible.
    await page.locator('[data-testid=signal-select-button]:visible').click();
    await page.getByRole('option', { name }).or(page.getByRole('menuitem', { name })).first().click();
    await page.locator('.cm-content[contenteditable=true]:visible').first().click();
    await page.keyboard.insertText(input);
    const submit = page.locator('[data-testid=confirm-modal-button]:visible');
    await submit.click();
    await submit.waitFor({ state: 'hidden' });
  };

  test('the list shows it', async () => {
    const { uiUrl, namespace, queue } = get();
    const query = encodeURIComponent(`RecoveryStatus="WAITING" AND RecoveryQueue="${queue}"`);
    await page.goto(`${uiUrl}/namespaces/${namespace}/workflows?query=${query}`);
    await page.getByRole('link', { name: letter.id }).waitFor();
  });

  test('its page opens on what failed and what to press', async () => {
    await open();
    await page.getByText('writeCountry failed: VALIDATION 422').first().waitFor();
    await page.getByText('More Actions, Send a Signal', { exact: false }).first().waitFor();
  });

  test('its details tell why, how often, since when, where from and what to do', async () => {
    await open('User Metadata');
    const text = async () => {
      const frames = await Promise.all(page.frames().map((frame) => frame.locator('body').innerText()));
      return frames.join('\n');
    };
    await assertEventually(async () => {
      const shown = await text();
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

  test('nonsense typed into the signal dialog is noted and changes nothing', async () => {
    await open();
    await sendSignal('replay', '{"arguments": 5}');
    await assertEventually(async () => {
      const { status, story } = await get().recovery.deadLetters.get(letter.id).describe();
      assert.equal(status, 'WAITING');
      assert.match(story.at(-1)?.message ?? '', /unknown field "arguments"/);
    });
  });

  test('replay sent through the signal dialog completes it', async () => {
    letter.mend();
    await open();
    await sendSignal('replay', '{"by": "ada", "reason": "capital is optional now"}');
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

async function assertEventually(check: () => Promise<void>, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
