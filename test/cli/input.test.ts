import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UsageError } from '../../cli/exit-codes.js';
import { EditableArguments } from '../../cli/input/editable-arguments.js';
import * as values from '../../cli/input/values.js';

describe('flag values', () => {
  test('what cannot be read names flag, value and fix', () => {
    const bad: [() => unknown, RegExp][] = [
      [() => values.wholeNumber('--limit', 1)('0'), /^--limit must be a whole number from 1; got "0"$/],
      [() => values.wholeNumber('--limit', 1)('1.5'), /--limit/],
      [() => values.share('--max-failure-share')('50'), /from 0 to 1, such as 0.5 for half; got "50"/],
      [() => values.duration('--expires-in')('30'), /with its unit, such as 30s.*got "30"/],
      [
        () => values.time('--since')('yesterday'),
        /2026-01-31T08:00:00Z, or how long ago, such as 2h; got "yesterday"/,
      ],
      [() => values.time('--since')('2026-01-31T08:00'), /with its zone/],
      [() => values.time('--since')('5'), /--since/],
      [() => values.json('--result')('{'), /--result must be JSON, or @file.*got "\{"/],
      [() => values.json('--result')('@/no/such/file'), /--result: \/no\/such\/file could not be read/],
      [() => values.argumentList('--args')('{}'), /--args must be a JSON array with all arguments/],
      [() => values.oneOf('--status', ['A', 'B'])('c'), /--status must be one of A, B; got "c"/],
    ];
    for (const [parse, message] of bad) {
      assert.throws(parse, (error: unknown) => error instanceof UsageError && message.test(error.message));
    }
  });

  test('times are instants or how long ago', () => {
    const now = Date.parse('2026-01-31T08:00:00Z');
    const time = values.time('--since', now);
    assert.equal(time('2h').toISOString(), '2026-01-31T06:00:00.000Z');
    assert.equal(time('2026-01-31T08:00:00+02:00').toISOString(), '2026-01-31T06:00:00.000Z');
    assert.equal(time('2026-01-30').toISOString(), '2026-01-30T00:00:00.000Z');
  });

  test('words are taken in any case', () => {
    assert.equal(values.oneOf('--status', ['WAITING'])('waiting'), 'WAITING');
  });
});

describe('arguments in an editor', () => {
  test('are JSON; unchanged text is no change', () => {
    const editable = new EditableArguments([{ a: 1 }, 'b']);
    assert.deepEqual(JSON.parse(editable.text), [{ a: 1 }, 'b']);
    assert.equal(editable.read(editable.text), undefined);
    assert.equal(editable.read('[{"a":1},   "b"]'), undefined);
    assert.deepEqual(editable.read('[{"a":2},"b"]'), [{ a: 2 }, 'b']);
  });

  test('what JSON cannot hold stays what it was unless it is edited', () => {
    const bytes = new Uint8Array([1, 2]);
    const editable = new EditableArguments(['id', bytes, undefined, new Date(0)]);
    assert.match(editable.text, /argument 2 is a Uint8Array/);
    const edited = editable.read(editable.text.replace('"id"', '"other"'));
    assert.deepEqual(edited, ['other', bytes, undefined, new Date(0)]);
    assert.deepEqual(editable.read('["id", "text", null, 0]'), ['id', 'text', undefined, 0]);
  });

  test('that could not be decoded are not edited', () => {
    const payload = { metadata: { encoding: new Uint8Array() }, data: new Uint8Array() };
    assert.throws(
      () => new EditableArguments([payload]),
      /Argument 1 could not be decoded.*--data-converter/,
    );
  });

  test('text that is no JSON array is refused', () => {
    const editable = new EditableArguments([1]);
    assert.throws(() => editable.read('[1'), /no JSON/);
    assert.throws(() => editable.read('{}'), /must stay a JSON array/);
  });
});
