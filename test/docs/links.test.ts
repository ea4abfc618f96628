import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { type Page, ROOT, readPages, withoutCode } from './pages.js';

interface Link {
  readonly from: string;
  readonly line: number;
  /** Path from the root of the project. */
  readonly path: string;
  readonly anchor: string | undefined;
}

function relativeLinks({ path: from, text }: Page): Link[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .filter(({ 1: target = '' }) => !/^[a-z]+:/.test(target))
    .map(({ 1: target = '', index }) => {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? from : posix.normalize(posix.join(dirname(from), file));
      return { from, line: text.slice(0, index).split('\n').length, path, anchor };
    });
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = [...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map(({ 1: heading = '' }) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
  return new Set(anchors);
}

describe('links of the documentation', () => {
  test('each relative link names a file that exists, and a heading in it', async () => {
    const pages = await readPages();
    const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));
    const broken = pages.flatMap(relativeLinks).filter(({ path, anchor }) => {
      if (!existsSync(join(ROOT, path))) return true;
      return anchor !== undefined && !anchors.get(path)?.has(anchor);
    });
    assert.deepEqual(broken, []);
  });

  test('each source file that a page names by its path exists', async () => {
    const missing = (await readPages()).flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:workflows|activities|worker|client|common|cli|apilinker|test)\/[\w./-]+)`/g)]
        .filter(({ 1: named = '' }) => !existsSync(join(ROOT, named)))
        .map(({ 1: named }) => `${path}: ${named}`),
    );
    assert.deepEqual(missing, []);
  });

  for (const start of ['README.md', 'docs/README.md']) {
    test(`each page is linked from ${start}`, async () => {
      const pages = await readPages();
      const index = pages.find(({ path }) => path === start);
      assert.ok(index);
      const linked = new Set(relativeLinks(index).map(({ path }) => path));
      const missing = pages.map(({ path }) => path).filter((path) => path !== start && !linked.has(path));
      assert.deepEqual(
        missing.filter((path) => path !== 'README.md'),
        [],
      );
    });
  }
});
