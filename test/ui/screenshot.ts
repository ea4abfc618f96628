// Makes docs/images/dead-letter.png, by hand: npm run build && node dist/test/run.js ui/screenshot (with SCREENSHOT=folder).
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { useHarness } from '../support/harness.js';
import { findChromium, launch } from './browser.js';
import { makeLetter } from './letter.js';

describe('screenshots', () => {
  const get = useHarness('screenshot');
  test('take', async () => {
    const { id } = await makeLetter(get(), get().id('country-sync-2026-11'));
    const browser = await launch(findChromium() ?? '');
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    const base = `${get().uiUrl}/namespaces/${get().namespace}/workflows`;
    const folder = process.env.SCREENSHOT ?? '.';
    await page.goto(`${base}/${encodeURIComponent(id)}`);
    await page.waitForTimeout(4000);
    console.log(page.url());
    await page.screenshot({ path: join(folder, 'letter.png') });
    await page
      .getByRole('link', { name: 'User Metadata' })
      .or(page.getByText('User Metadata'))
      .first()
      .click();
    await page.waitForTimeout(2500);
    console.log(page.url());
    await page.screenshot({ path: join(folder, 'metadata.png'), fullPage: true });
    await page.goto(`${base}?query=${encodeURIComponent('WorkflowType="deadLetter"')}`);
    await page.waitForTimeout(4000);
    await page.screenshot({ path: join(folder, 'list.png') });
    await page.goto(`${base}/${encodeURIComponent(id)}`);
    await page.waitForTimeout(4000);
    await page
      .getByRole('button', { name: /More Actions|workflow actions/i })
      .first()
      .click();
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(folder, 'menu.png') });
    await page.getByRole('menuitem', { name: 'Send a Signal' }).click();
    await page.waitForTimeout(1000);
    await page.screenshot({ path: join(folder, 'signal.png') });
    console.log(await page.locator('dialog, [role=dialog]').first().innerHTML());
    await browser.close();
  });
});
