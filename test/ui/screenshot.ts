// Makes pictures of everything a person sees, by hand: npm run build && SCREENSHOT=folder node --test dist/test/ui/screenshot.js
// Those of docs/images: `metadata-waiting` of it is dead-letter.png; `SCREENSHOT=folder npm test ui/operations` makes the others.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { eventually, useHarness } from '../support/harness.js';
import { findChromium, launch } from './browser.js';
import { Letters, MARKDOWN } from './letters.js';

const folder = process.env.SCREENSHOT ?? '.';
/** Some of them only, by a part of their name. */
const only = process.env.ONLY ?? '';

describe('screenshots', () => {
  const get = useHarness('country-sync');

  test('take', { timeout: 400_000 }, async (t) => {
    mkdirSync(folder, { recursive: true });
    const h = get();
    const letters = await new Letters(h).start();
    const waiting = await letters.make('2026-11-24');
    const tried = await letters.make('tried');
    await tried.letter.replay({ by: 'ada', reason: 'the service is back' });
    await tried.letter.replay({ by: 'bob', args: [{ cca3: 'ATA', capital: ['none'], token: 's3cr3t' }] });
    await h.client.workflow.getHandle(tried.id).signal('replay', { arguments: 5 });
    await h.client.workflow.getHandle(tried.id).signal('replay', { by: MARKDOWN, reason: MARKDOWN });
    const hostile = await letters.make('hostile', 'MARKDOWN');
    const held = await letters.make('outage', 'OUTAGE');
    const replaying = await letters.make('slow', 'SLOW');
    const resolved = await letters.make('resolved');
    await resolved.letter.resolve({ result: 'created', by: 'ada', reason: 'written by hand, ticket 4711' });
    const discarded = await letters.make('discarded');
    await discarded.letter.discard({ by: 'ada', reason: 'nobody lives there' });
    const expired = await letters.expire('expired');
    const parked = await letters.park('parked');
    const replayed = await letters.make('replayed');
    const cached = await letters.origin('cached', 'ATA', 'cachedCountrySync');
    await cached.result();
    letters.mend();
    await replayed.letter.replay({ by: 'ada', reason: 'capital is optional now' });
    await replaying.letter.signalReplay({ by: 'ada' });
    await eventually(async () => (await replaying.letter.describe()).status === 'REPLAYING');

    const browser = await launch(findChromium() ?? '');
    // A test that failed before it closed its browser would never end.
    t.after(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(10_000);
    const base = `${h.uiUrl}/namespaces/${h.namespace}/workflows`;
    const shoot = async (name: string, path: string, prepare?: (page: Page) => Promise<unknown>) => {
      if (!name.includes(only)) return;
      await page.goto(`${base}${path}`);
      await page.waitForTimeout(4_000);
      await prepare?.(page);
      await page.waitForTimeout(1_000);
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: name.startsWith('origin') });
    };
    const metadata = async () => {
      await page.getByText('User Metadata', { exact: true }).first().click();
      await page.waitForTimeout(1_500);
    };
    const states = {
      waiting,
      tried,
      hostile,
      held,
      replaying,
      resolved,
      discarded,
      expired,
      parked,
      replayed,
    };
    for (const [name, { id }] of Object.entries(states)) {
      await shoot(`letter-${name}`, `/${encodeURIComponent(id)}`);
      await shoot(`metadata-${name}`, `/${encodeURIComponent(id)}`, metadata);
    }
    const query = `WorkflowType="deadLetter" AND RecoveryQueue="${h.queue}"`;
    await shoot('list', `?query=${encodeURIComponent(query)}`);
    const waitingQuery = `${query} AND RecoveryStatus="WAITING"`;
    await shoot('list-waiting', `?query=${encodeURIComponent(waitingQuery)}`);
    const origins = { failed: waiting.originId, parked: parked.originId, cached: cached.workflowId };
    for (const [name, id] of Object.entries(origins)) {
      await shoot(`origin-${name}`, `/${encodeURIComponent(id)}`);
      await shoot(`origin-${name}-marker`, `/${encodeURIComponent(id)}`, async () => {
        await page.getByText('Local Activity').last().click();
      });
    }
    await shoot('signal', `/${encodeURIComponent(waiting.id)}`, async () => {
      await page.getByRole('button', { name: /More Actions/i }).click();
      await page.getByRole('menuitem', { name: 'Send a Signal' }).click();
    });
  });
});
