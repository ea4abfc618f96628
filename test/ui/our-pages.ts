import assert from 'node:assert/strict';
import type { Harness } from '../support/harness.js';
import { assertEventually, type TemporalUi } from './temporal-ui.js';

/** What must not be seen of Markdown: emphasis, links, code, headings. */
export const RAW_MARKDOWN = /\*\*|\]\(|`|^\s*#{1,6} /m;

const REOPEN_MS = 10_000;

/** The page of a workflow is shown as Markdown, with these texts, and each of its links leads somewhere. */
export async function assertPage(
  h: Harness,
  ui: TemporalUi,
  id: string,
  expected: readonly (string | RegExp)[],
): Promise<void> {
  await ui.openWorkflow(id, 'User Metadata');
  let openedAt = Date.now();
  await assertEventually(async () => {
    // As a person does who sees an old page: the UI does not ask again by itself if a query had no answer.
    if (Date.now() - openedAt > REOPEN_MS) {
      await ui.openWorkflow(id, 'User Metadata');
      openedAt = Date.now();
    }
    const shown = await ui.shownText();
    for (const text of expected) {
      const isShown = typeof text === 'string' ? shown.includes(text) : text.test(shown);
      assert.ok(isShown, `"${text}" is not shown in: ${shown}`);
    }
    assert.match(shown, /temporal-recovery \d+\.\d+\.\d+ · what this page means: docs\/[\w-]+\.md/);
    assert.doesNotMatch(shown, RAW_MARKDOWN);
  });
  await assertLinks(h, ui);
}

/** Each link of the Markdown that is shown leads somewhere; not those to a ticket that a person has typed. */
export async function assertLinks(h: Harness, ui: TemporalUi): Promise<void> {
  const here = new URL(ui.page.url()).origin;
  const links = (await ui.markdownLinks()).filter((link) => new URL(link).origin === here);
  for (const link of links) await assertLeadsSomewhere(h, link);
}

/** With SCREENSHOT=folder, a picture of what is shown. */
export async function screenshot(ui: TemporalUi, name: string, height?: number): Promise<void> {
  const folder = process.env.SCREENSHOT;
  if (!folder) return;
  const before = ui.page.viewportSize();
  if (height !== undefined) await ui.page.setViewportSize({ width: 1400, height });
  await ui.page.screenshot({ path: `${folder}/${name}.png` });
  if (height !== undefined && before !== null) await ui.page.setViewportSize(before);
}

/** A workflow must exist; a list must be one that the server can make, and may be empty. */
async function assertLeadsSomewhere(h: Harness, link: string): Promise<void> {
  const { pathname, searchParams } = new URL(link);
  const [, root, namespace, workflows, id, runId] = pathname.split('/').map(decodeURIComponent);
  assert.deepEqual([root, namespace, workflows], ['namespaces', h.namespace, 'workflows'], link);
  const query = searchParams.get('query');
  try {
    if (id === undefined) await h.client.workflow.count(query ?? '');
    else await h.client.workflow.getHandle(id, runId).describe();
  } catch (error) {
    throw new Error(`The link ${link} leads nowhere`, { cause: error });
  }
}
