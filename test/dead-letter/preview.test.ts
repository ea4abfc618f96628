import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hidePaths, isArgumentPath } from '../../common/dead-letter/hidden-paths.js';
import { pagePreview, shownArguments, storyPreview } from '../../common/dead-letter/preview.js';
import { createRedactor, REDACTED } from '../../common/errors/index.js';

const redactor = createRedactor();

/** In no generated text, and nothing a rule of the redactor would hide by itself. */
const MARK = 'zq9-mark';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const keys = fc.oneof(fc.constantFrom('a', 'b', 'a/b', '~', '~1', '0', '', '__proto__', 'café'), fc.string());
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, 7, 'text'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** Every place in a value, the outermost first. */
function* places(value: Json, path: string[] = []): Generator<string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* places(item, [...path, key]);
}

function replaced(value: Json, [key, ...rest]: readonly string[], by: Json): Json {
  if (key === undefined) return by;
  const item = (value as { [key: string]: Json })[key] as Json;
  const entries = Object.entries(value as object).map(
    ([name, each]) => [name, name === key ? replaced(item, rest, by) : each] as const,
  );
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

const pointer = (path: readonly string[]) =>
  path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Arguments with something secret in one place, and a path that names the place, parts of it by `*`. */
const planted = fc
  .array(values, { minLength: 1, maxLength: 3 })
  .chain((args) => {
    const all = [...places(args)];
    return fc.record({
      args: fc.constant(args),
      place: fc.constantFrom(...all),
      stars: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      secret: fc.constantFrom<Json>(MARK, [MARK, { x: MARK }], { [MARK]: 1, deep: { [MARK]: [MARK] } }),
    });
  })
  .map(({ args, place, stars, secret }) => ({
    args: replaced(args, place, secret) as Json[],
    path: pointer(place.map((part, index) => (stars[index] ? '*' : part))),
  }));

describe('arguments as they are shown', () => {
  test('what a path names is in no preview, whatever else is there', () => {
    fc.assert(
      fc.property(planted, fc.array(fc.constantFrom('/0/a', '/*/b', '/1')), ({ args, path }, others) => {
        assert.ok(isArgumentPath(path), path);
        const before = JSON.stringify(args);
        assert.ok(before.includes(MARK));
        const shown = shownArguments(args, [...others, path], redactor);
        for (const text of [pagePreview(shown), storyPreview(shown), JSON.stringify(shown)]) {
          assert.ok(!text.includes(MARK), text);
        }
        assert.equal(JSON.stringify(args), before);
      }),
      { numRuns: 2_000 },
    );
  });

  test('what no path names stays as it is', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 3 }), (args) => {
        assert.deepEqual(hidePaths(args, []), args);
        assert.deepEqual(hidePaths(args, ['/7', '/*/no such key/x']), args);
      }),
    );
    const customer = { name: 'Ada', emails: ['a@x', 'b@x'], address: { iban: '1', city: 'Bern' } };
    assert.deepEqual(hidePaths([customer, 2], ['/0/emails/1', '/*/address/iban']), [
      { name: 'Ada', emails: ['a@x', REDACTED], address: { iban: REDACTED, city: 'Bern' } },
      2,
    ]);
  });

  test('a path begins with an argument', () => {
    for (const path of ['/0', '/12/a', '/*', '/*/a~0b/c~1d', '/0/']) assert.ok(isArgumentPath(path), path);
    for (const path of ['', '/', '0/a', '/customer', '/-', '/01', '/0/a~2', '/0/~', 7, undefined])
      assert.ok(!isArgumentPath(path), String(path));
  });

  test('long arguments are cut', () => {
    assert.ok(pagePreview(['x'.repeat(10_000)]).length < 4_100);
    assert.ok(storyPreview(['x'.repeat(10_000)]).length < 400);
  });
});
