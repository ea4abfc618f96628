import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import cases from './apilinker-cases.json';

test('every case has a check', () => {
  const root = join(__dirname, '..');
  const sources = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => /conformance.*\.test\.js$/.test(name) && !name.endsWith('coverage.test.js'))
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n');
  const missing = cases.filter(({ id }) => !new RegExp(`['"]${id}['"]`).test(sources)).map(({ id }) => id);
  assert.deepEqual(missing, []);
  assert.equal(cases.length, 86);
});
