import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRedactor } from '../../common/errors/index.js';

const { text, body } = defaultRedactor;

/** Texts that hold no secret stay as they are. */
export function describeUnchanged(title: string, values: readonly string[]): void {
  describe(title, () => {
    for (const value of values) {
      test(value.slice(0, 70), () => {
        for (const redact of [text, body]) assert.equal(redact(value), value);
      });
    }
  });
}
