import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const root = join(__dirname, '..', '..', '..');
const LAYERS = [
  'common',
  'workflows',
  'client',
  'activities',
  'worker',
  'apilinker',
  'http',
  'testing',
  'cli',
];
const NAMED = /`([\w/-]+\.ts|[\w-]+(?:\/[\w-]+)*\/)`/g;

function foldersUnder(folder: string): string[] {
  const inside = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [folder, ...inside.flatMap(({ name }) => foldersUnder(`${folder}/${name}`))];
}

const folders = LAYERS.flatMap(foldersUnder);
const readme = (folder: string) => join(root, folder, 'README.md');
/** An entry of the package says in its first comment what it is. */
const isEntry = (folder: string) => existsSync(join(root, folder, 'index.ts')) && LAYERS.includes(folder);

describe('each folder', () => {
  test('says in some lines what is in it', () => {
    assert.ok(folders.length > 30, `${folders.length} folders`);
    const silent = folders.filter((folder) => {
      if (existsSync(readme(folder))) return false;
      return !(isEntry(folder) && readFileSync(join(root, folder, 'index.ts'), 'utf8').startsWith('/**'));
    });
    assert.deepEqual(silent, [], 'give each a README.md');
  });

  test('names files and folders that are there', () => {
    const missing = folders
      .filter((folder) => existsSync(readme(folder)))
      .flatMap((folder) =>
        [...readFileSync(readme(folder), 'utf8').matchAll(NAMED)]
          .map(([, name]) => name as string)
          .filter(
            (name) => ![folder, '.', ...parentsOf(folder)].some((at) => existsSync(join(root, at, name))),
          )
          .map((name) => `${folder}/README.md names ${name}`),
      );
    assert.deepEqual(missing, []);
  });
});

function parentsOf(folder: string): string[] {
  const parts = folder.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
