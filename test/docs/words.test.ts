import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Page, ROOT, readPages, withoutCode } from './pages.js';

/** Phrases that a reader in a hurry has to read twice, and what to write instead. */
const PHRASES: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bturn(s|ed|ing)? (it |them |\w+ calls )?away\b/i, 'rejected'],
  [/\b(is|are|was|were|be|been|being) told\b/i, 'is notified, is reported to, knows'],
  [/\bnobody\b/i, 'no one, no caller, no worker: name who'],
  [/\bwhoever\b/i, 'the caller, the sender: name who'],
  [/\bthat (is|are) none\b/i, 'that is not a …'],
  [/\bwhat is not waited for\b/i, 'calls that no one awaits'],
  [/\b(come|comes|came) to rest\b/i, 'ends'],
  [/\ball the same\b/i, 'still'],
  [/\banew\b/i, 'again'],
  [/\bso (many|long)\b(?! (as|that)\b)/i, 'this number of, this time'],
  [/\bwhat (came|comes) of\b/i, 'the outcome of'],
  [/\bhears? of\b/i, 'receives, notices'],
];

/** Folders of the shipped code: its comments and messages are read by strangers too. */
const SOURCES = [
  'workflows',
  'activities',
  'worker',
  'client',
  'common',
  'apilinker',
  'http',
  'testing',
  'cli',
];

async function readSources(): Promise<Page[]> {
  const paths = await Promise.all(
    SOURCES.map(async (folder) =>
      (await readdir(join(ROOT, folder), { recursive: true }))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
    ),
  );
  return Promise.all(
    paths.flat().map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })),
  );
}

/** Where a phrase of the list stands, as `path:line: phrase → instead`. Phrases may go over the end of a line. */
function found({ path, text }: Page): string[] {
  const joined = text.replaceAll(/\n *(\/\/|\*) ?/g, (end) => ` ${' '.repeat(end.length - 1)}`);
  const readable = joined.replaceAll(/ {2,}/g, ' ');
  return PHRASES.flatMap(([phrase, instead]) =>
    [...readable.matchAll(new RegExp(phrase, 'gi'))].map((match) => `${path}: "${match[0]}" → ${instead}`),
  );
}

describe('words', () => {
  test('the documentation has none of the phrases that are hard to read', async () => {
    const pages = await readPages();
    assert.deepEqual(pages.map(({ path, text }) => ({ path, text: withoutCode(text) })).flatMap(found), []);
  });

  test('nor do messages and comments of the code', async () => {
    assert.deepEqual((await readSources()).flatMap(found), []);
  });

  test('a phrase is found where it is, also over the end of a line', () => {
    const text = '/**\n * A call is turned\n * away.\n */\n// and nobody\n';
    assert.equal(found({ path: 'a.ts', text }).length, 2);
  });
});
