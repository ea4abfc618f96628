// Where the links of pages lead, without a server; test/ui follows them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { currentDetails, details } from '../../common/dead-letter/markdown.js';
import type { DeadLetterRecord, StoryEntry } from '../../common/dead-letter/record.js';
import { externalLink, page, searchLink, workflowLink } from '../../common/text/markdown.js';
import { utf8Length } from '../../common/text/text.js';
import { VERSION } from '../../common/version.js';

const RECORD = {
  ...{ version: 1, id: 'dead-letter/order-1/send/run/5', createdAt: '2026-01-31T12:00:00.000Z' },
  ...{ queue: 'orders', operation: 'send', group: '0123456789abc', activityType: 'send' },
  origin: {
    ...{ namespace: 'shop', workflowId: 'order-1', runId: 'run', workflowType: 'order' },
    ...{ activityId: '1', scheduledEventId: 5 },
  },
  ...{ call: { taskQueue: 'q' }, error: { errorCategory: 'VALIDATION', message: 'no' }, attempts: [] },
  searchAttributes: ['RecoveryQueue', 'RecoveryGroup'],
} as unknown as DeadLetterRecord;
const causeOf = (changes: Partial<DeadLetterRecord>) =>
  /- \*\*Cause\*\*: (.*)/.exec(details({ ...RECORD, ...changes }))?.[1] ?? '';

describe('the links of a letter', () => {
  test('lead to its group where letters are counted by group', () => {
    const cause = causeOf({ hasGroup: true });
    assert.match(cause, /^\[dead-letter-group\/orders\/0123456789abc\]\(\/namespaces\/shop\/workflows\//);
    assert.match(cause, / · \[open letters of this cause\]\(\/namespaces\/shop\/workflows\?query=/);
  });

  test('lead to no group with groups: false, but to the letters of the cause', () => {
    assert.match(causeOf({}), /^`0123456789abc` · \[open letters of this cause\]\(/);
  });

  test('lead to no list that the server cannot make', () => {
    assert.equal(causeOf({ searchAttributes: ['RecoveryQueue'] }), '`0123456789abc`');
  });

  test('lead to the circuit breaker of the call, which may not exist: a list, and only if a breaker guarded the call', () => {
    const breakerOf = (changes: Partial<DeadLetterRecord>) =>
      /- \*\*Circuit breaker\*\*: (.*)/.exec(details({ ...RECORD, ...changes }))?.[1];
    assert.equal(
      breakerOf({ breaker: '[x](y) **api**' }),
      '[circuit-breaker/\\[x\\]\\(y\\) \\*\\*api\\*\\*](/namespaces/shop/workflows?query=WorkflowId%3D%22circuit-breaker%2F%5Bx%5D%28y%29%20**api**%22)',
    );
    assert.equal(breakerOf({}), undefined);
    // Another program may have written it.
    assert.equal(breakerOf({ breaker: '' }), undefined);
  });

  test('lead to a redrive that has replayed it, and to none that a person only wrote about', () => {
    const storyOf = (reason: string) => {
      const entry: StoryEntry = { at: RECORD.createdAt, event: 'replay-started', by: 'ada', reason };
      const state = { status: 'WAITING', record: RECORD, story: [entry], replays: 1 } as const;
      return /replay started.*/.exec(currentDetails(state))?.[0];
    };
    const link = '[redrive/a](/namespaces/shop/workflows/redrive%2Fa)';
    assert.equal(
      storyOf('mended · redrive/a'),
      `replay started by \`ada\` · reason: \`mended\` · redrive ${link}`,
    );
    assert.equal(storyOf('redrive/a'), `replay started by \`ada\` · redrive ${link}`);
    assert.equal(storyOf('as in redrive/a'), 'replay started by `ada` · reason: `as in redrive/a`');
  });
});

describe('a link', () => {
  test('has no character at which Markdown or the Temporal UI ends an address', () => {
    assert.equal(workflowLink('n', "a'(b)"), "[a'\\(b\\)](/namespaces/n/workflows/a%27%28b%29)");
    assert.equal(
      searchLink('n', 'limit/a"b'),
      '[limit/a"b](/namespaces/n/workflows?query=WorkflowId%3D%22limit%2Fa%5C%22b%22)',
    );
  });

  test('is made of an address that a person has typed only if it is harmless', () => {
    const ticket = 'https://tickets.example:8080/browse/AB-42?tab=all#top';
    assert.equal(externalLink(ticket), `[${ticket.replace('#', '\\#')}](${ticket})`);
    for (const address of ['https://a.example/x)[y](z', 'https://a.example/<b>', 'javascript:alert(1)'])
      assert.equal(externalLink(address), `\`${address}\``);
  });
});

test('a page that is cut keeps its last line, outside of the block that was cut', () => {
  const text = page(['### State', '', '```json', 'x'.repeat(50_000), '```'], 'limits.md');
  assert.ok(utf8Length(text) <= 20_000);
  assert.ok(
    text.includes(`…\n\`\`\`\n\ntemporal-recovery ${VERSION} · what this page means: \`docs/limits.md\``),
  );
});
