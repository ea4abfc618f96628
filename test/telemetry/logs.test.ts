import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../docs/pages.js';

const LAYERS = ['activities', 'client', 'common', 'http', 'worker', 'workflows'];
const PREFIX = /^temporal-recovery: /;

const sources = LAYERS.flatMap((layer) =>
  readdirSync(join(ROOT, layer), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(ROOT, layer, name)),
);

/** Messages of loggers as they are written: literals, templates, and constants of the same file. */
function logged(): string[] {
  return sources.flatMap((path) => {
    const source = readFileSync(path, 'utf8');
    const texts: string[] = [];
    for (const [, first = ''] of source.matchAll(/\.(?:info|warn|error|debug)\(\s*([^;]{3,400})/g)) {
      const constant = /^[A-Z_]+(?=,)/.exec(first)?.[0];
      const from =
        constant === undefined
          ? first
          : (new RegExp(`const ${constant} = ([^;]+)`).exec(source)?.[1] ?? first);
      const literal = /^(?:action === 'skip'\s*\? )?(['`])((?:(?!\1).)+)\1/.exec(from)?.[2];
      if (literal !== undefined) texts.push(literal);
    }
    return texts;
  });
}

/** What varies is written as `<it>` in the table, and as `${it}` in the code. */
const withoutParts = (text: string) =>
  text
    .replace(PREFIX, '')
    .replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}|<[^>]+>/g, '<>')
    .trim();

test('each message that is logged is in the table of docs/metrics.md', () => {
  const page = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([^`]+)` \| (?:info|warn|error) \|/gm)].map(([, text = '']) => text);
  const documented = rows.map(withoutParts);
  assert.equal(new Set(documented).size, documented.length, 'a message has two rows');
  const messages = logged().map(withoutParts);
  assert.ok(messages.length > 20, `${messages.length} messages`);
  assert.deepEqual(
    messages.filter((message) => message !== '<>' && !documented.includes(message)),
    [],
  );
});

test('each row of the table is logged', () => {
  const page = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
  const all = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
  for (const [, text = ''] of page.matchAll(/^\| `([^`]+)` \| (?:info|warn|error) \|/gm)) {
    const parts = text
      .replace(PREFIX, '')
      .split(/<[^>]+>/)
      .filter((part) => part.trim().length > 1);
    for (const part of parts) assert.ok(all.includes(part), `not in the code: ${text}`);
  }
});
