import type { Browser, Page } from 'playwright-core';
import { eventually, type Harness, LIMIT_MS } from '../support/harness.js';
import { launch } from './browser.js';

/** The Temporal UI as a person uses it. */
export class TemporalUi {
  private constructor(
    private readonly h: Harness,
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async open(h: Harness, chromium: string): Promise<TemporalUi> {
    const browser = await launch(chromium);
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(LIMIT_MS / 2);
    return new TemporalUi(h, browser, page);
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  async openList(query: string): Promise<void> {
    await this.page.goto(`${this.workflows}?query=${encodeURIComponent(query)}`);
  }

  /** @param tab its name; the first one, without it */
  async openWorkflow(id: string, tab = ''): Promise<void> {
    await this.page.goto(`${this.workflows}/${encodeURIComponent(id)}`);
    await this.page.getByRole('button', { name: 'More Actions' }).waitFor();
    if (tab !== '') await this.page.getByText(tab, { exact: true }).first().click();
  }

  /** Newer versions open a workflow on its timeline; the history, which has the summaries, is one click away. */
  async openHistory(id: string): Promise<void> {
    await this.openWorkflow(id);
    const named = { name: /^\s*Event History/ };
    const tab = this.page.getByRole('tab', named).or(this.page.getByRole('link', named)).first();
    if (await tab.isVisible()) await tab.click();
  }

  /** What a person reads, Markdown in its frames included; the text of the DOM has scripts in it. */
  async shownText(): Promise<string> {
    return whileFramesChange(async () => {
      // biome-ignore lint/performance/useDomNodeTextContent: see above
      const bodies = this.page.frames().map((frame) => frame.locator('body').innerText());
      return (await Promise.all(bodies)).join('\n');
    });
  }

  /** Addresses of the links of our Markdown, which the UI shows in frames. */
  async markdownLinks(): Promise<string[]> {
    return whileFramesChange(async () => {
      const frames = this.page.frames().filter((frame) => frame !== this.page.mainFrame());
      const links = await Promise.all(
        frames.map((frame) =>
          frame
            .locator('a')
            .evaluateAll((all) => all.map((each) => (each as unknown as { href: string }).href)),
        ),
      );
      return [...new Set(links.flat())];
    });
  }

  /** Clicks a link of our Markdown, which is in a frame and opens a page of its own. */
  async followLink(name: string): Promise<Page> {
    const link = await eventually(async () => {
      for (const frame of this.page.frames()) {
        const found = frame.getByRole('link', { name, exact: true });
        if ((await found.count()) > 0) return found.first();
      }
      return undefined;
    });
    const [opened] = await Promise.all([this.page.waitForEvent('popup'), link.click()]);
    return opened;
  }

  /** The dialog a person uses: More Actions → Send a Signal. */
  async sendSignal(name: string, input: string): Promise<void> {
    const { page } = this;
    await page.getByRole('button', { name: 'More Actions' }).click();
    await page.getByRole('menuitem', { name: 'Send a Signal' }).click();
    // The page holds the dialogs of all actions, and some twice: only one is visible.
    await page.locator('[data-testid=signal-select-button]:visible').click();
    // Each with its description, in which the names of others may be.
    const named = { name: new RegExp(`^\\s*${name}\\b`) };
    await page.getByRole('option', named).or(page.getByRole('menuitem', named)).first().click();
    const editor = page.locator('.cm-content[contenteditable=true]:visible').first();
    await editor.click();
    // Newer versions keep what was typed for the signal before.
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(input);
    // The editor lays the input out again when it loses the focus, and the button moves from under the mouse.
    await editor.blur();
    const submit = page.locator('[data-testid=confirm-modal-button]:visible');
    await submit.click();
    await submit.waitFor({ state: 'hidden' });
  }

  private get workflows(): string {
    return `${this.h.uiUrl}/namespaces/${this.h.namespace}/workflows`;
  }
}

/** Until what a person sees is as it should be; the last complaint, if it never is. */
export async function assertEventually(check: () => Promise<void>, timeoutMs = LIMIT_MS / 2): Promise<void> {
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

/** The UI replaces its frames when a page changes: what was being read then is read again. */
async function whileFramesChange<T>(read: () => Promise<T>): Promise<T> {
  for (let left = 20; ; left--) {
    try {
      return await read();
    } catch (error) {
      if (left === 0 || !/detached/.test(String(error))) throw error;
    }
  }
}
