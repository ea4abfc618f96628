import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure, RawValue } from '@temporalio/common';
import fc from 'fast-check';
import { beginning, wellFormed } from '../../common/text/text.js';
import { useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const workflowsPath = require.resolve('../environments/workflows.js');
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

test('a cut never halves a character, and keeps all that fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, length) => {
      const cut = beginning(text, length);
      assert.ok(text.startsWith(cut) && cut.length <= length);
      assert.ok(cut.length >= Math.min(text.length, length - 1));
      assert.doesNotMatch(cut, LONE);
    }),
  );
});

test('half characters become U+FFFD, and whole ones stay', () => {
  assert.equal(wellFormed('a\ud83d b\udc00\ud83e c 🧭'), 'a\ufffd b\ufffd\ufffd c 🧭');
});

describe('half characters in what others send', () => {
  const get = useHarness('characters', (h) =>
    h.startWorker({
      workflowsPath,
      activities: {
        async reject() {
          throw ApplicationFailure.nonRetryable('rejected');
        },
        async half() {
          throw ApplicationFailure.nonRetryable('half \ud83d', 'Half\ud83d');
        },
      },
    }),
  );

  test('a request that is rejected with a text that quotes it shows no half character, and leaves the letter alive', async () => {
    const h = get();
    const { deadLetterId = '' } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id('letter'), taskQueue: h.taskQueue },
      args: ['reject', []],
    });
    const letter = h.client.workflow.getHandle(deadLetterId);
    // V8 quotes the first half of a character that it does not expect.
    const noJson = RawValue.fromPayload({
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from('🧭'),
    });
    const inputs = [noJson, { ['🧭'.repeat(500)]: 1 }, { [`x${'🧭'.repeat(500)}`]: 1 }, { mode: '\ud83e' }];
    for (const input of inputs) {
      await assert.rejects(letter.executeUpdate('replay', { args: [input] }), (error: Error) => {
        assert.match(String(error.cause), /replay: /);
        assert.doesNotMatch(String(error.cause), /\ufffd…/);
        return true;
      });
    }
    assert.equal((await h.recovery.deadLetters.get(deadLetterId).state()).status, 'WAITING');
  });

  test("a local activity of the user's that throws one fails as any other", async () => {
    const h = get();
    const failure = await h.client.workflow.execute('callLocally', {
      ...{ workflowId: h.id('local'), taskQueue: h.taskQueue },
      args: ['half'],
    });
    assert.equal(failure, 'ApplicationFailure: half \ufffd');
  });
});
