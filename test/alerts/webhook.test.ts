import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { AlertEvent } from '../../common/alerts/alert-event.js';
import { type WebhookOptions, webhook } from '../../worker/index.js';
import { startReceiver } from './receiver.js';

const AT = '2026-01-31T12:00:00.000Z';
const opened: AlertEvent = {
  ...{ kind: 'breaker', change: 'opened', id: 'b1', at: AT, breaker: 'pay<ments>', status: 'OPEN' },
  ...{ why: '5 failures in a row', workflowId: 'circuit-breaker/pay<ments>' },
};
const closed: AlertEvent = { ...opened, id: 'b2', change: 'closed', status: 'CLOSED' };
const above: AlertEvent = {
  ...{ kind: 'queue', change: 'above', id: 'q1', at: AT, queue: 'default', letters: 120, maxLetters: 100 },
  ...{ oldestSeconds: 2 * 86_400, maxAgeSeconds: 86_400 },
};
const regressed: AlertEvent = {
  ...{ kind: 'group', change: 'regressed', id: 'g1', at: AT, fingerprint: 'abc', operation: 'charge' },
  ...{ category: 'SERVER', statusCode: 503, message: 'down *now*', letters: 1 },
};
const context = { batch: 'batch-1', namespace: 'shop', attempt: 1 };

describe('webhook', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  before(async () => {
    receiver = await startReceiver();
  });
  after(() => receiver.stop());
  const send = async (options: WebhookOptions, ...events: AlertEvent[]) => {
    receiver.received.length = 0;
    await webhook({ url: `${receiver.url}/hook/SECRET`, ...options })(events, context);
    return receiver.received;
  };

  test('json has the events, each with a sentence and a link', async () => {
    const [{ body, path, headers } = assert.fail()] = await send(
      { uiUrl: 'https://ui.example.com/', headers: { Authorization: 'Bearer t' } },
      opened,
      above,
    );
    assert.equal(path, '/hook/SECRET');
    assert.equal(headers.authorization, 'Bearer t');
    assert.equal(headers['idempotency-key'], 'batch-1');
    assert.equal(body.v, 1);
    assert.deepEqual(body.events, [
      {
        ...opened,
        summary: 'Circuit breaker pay<ments> has opened: calls are rejected and wait · 5 failures in a row',
        link: 'https://ui.example.com/namespaces/shop/workflows/circuit-breaker%2Fpay%3Cments%3E',
      },
      {
        ...above,
        summary:
          'Dead-letter queue default has 120 open letters, more than 100, the oldest waits for 2 days, more than 1 day',
      },
    ]);
  });

  test('slack: text for notifications, a section for each event, and nothing that Slack reads as a link or mention', async () => {
    const [{ body } = assert.fail()] = await send(
      { format: 'slack', uiUrl: 'https://ui.example.com' },
      opened,
      regressed,
    );
    assert.equal(body.text, '2 alerts (namespace shop)');
    assert.deepEqual(
      body.blocks.map(({ text }: { text: { text: string } }) => text.text),
      [
        '<https://ui.example.com/namespaces/shop/workflows/circuit-breaker%2Fpay%3Cments%3E|Open> Circuit breaker pay&lt;ments&gt; has opened: calls are rejected and wait · 5 failures in a row',
        'A resolved cause of dead letters is back: charge · SERVER 503 · down *now* · 1 letter',
      ],
    );
  });

  test('teams: an adaptive card', async () => {
    const [{ body } = assert.fail()] = await send({ format: 'teams' }, regressed);
    const [{ contentType, content }] = body.attachments;
    assert.equal(contentType, 'application/vnd.microsoft.card.adaptive');
    assert.equal(content.type, 'AdaptiveCard');
    assert.match(content.body[1].text, /down \\\*now\\\*/);
  });

  test('pagerduty: one event for each breaker or queue, the last one, which resolves its incident', async () => {
    const bodies = (await send({ format: 'pagerduty', routingKey: 'R0' }, opened, above, closed))
      .map(({ body }) => body)
      .sort((a, b) => a.dedup_key.localeCompare(b.dedup_key));
    assert.deepEqual(
      bodies.map(({ event_action, dedup_key, routing_key }) => [event_action, dedup_key, routing_key]),
      [
        ['resolve', 'temporal-recovery/shop/breaker/pay<ments>', 'R0'],
        ['trigger', 'temporal-recovery/shop/queue/default', 'R0'],
      ],
    );
    assert.equal(bodies[1].payload.severity, 'error');
    assert.equal(bodies[1].payload.timestamp, AT);
  });

  test('pagerduty: the end of a throttle resolves its incident', async () => {
    const throttled: AlertEvent = { ...opened, id: 'b3', change: 'throttled', status: 'THROTTLED' };
    const unthrottled: AlertEvent = { ...closed, id: 'b4', change: 'unthrottled' };
    const bodies = [];
    for (const event of [throttled, unthrottled]) {
      const [{ body } = assert.fail()] = await send({ format: 'pagerduty', routingKey: 'R0' }, event);
      bodies.push(body);
    }
    assert.deepEqual(
      bodies.map(({ event_action }) => event_action),
      ['trigger', 'resolve'],
    );
    assert.equal(bodies[0].dedup_key, bodies[1].dedup_key);
  });

  test('a template of its own, as text or as JSON', async () => {
    const [{ body } = assert.fail()] = await send(
      { template: (events) => ({ n: events.length }) },
      opened,
      above,
    );
    assert.deepEqual(body, { n: 2 });
    const [{ body: text } = assert.fail()] = await send(
      { template: ([event]) => `got ${event?.id}` },
      opened,
    );
    assert.equal(text, 'got b1');
  });

  test('of many events a message has the first ones', async () => {
    const many = Array.from(
      { length: 50 },
      (_, n): AlertEvent => ({ ...opened, id: `b${n}`, breaker: `b${n}` }),
    );
    const [{ body } = assert.fail()] = await send({ format: 'slack' }, ...many);
    assert.equal(body.blocks.length, 21);
    assert.equal(body.blocks[20].text.text, 'and 30 more');
  });

  test('each answer but 2xx fails, and so does none; the error has neither address nor answer', async () => {
    const failing = async (options: WebhookOptions) => {
      const error = await send(options, opened).then(
        () => assert.fail('no failure'),
        (error: Error) => error,
      );
      assert.doesNotMatch(inspect(error), /SECRET|TOKEN/);
      return error.message;
    };
    for (const status of [302, 400, 404, 429, 503]) {
      receiver.answer(status);
      assert.match(
        await failing({ headers: { authorization: 'TOKEN' } }),
        new RegExp(`^127\\.0\\.0\\.1:\\d+ answered ${status}$`),
      );
    }
    receiver.answer(200);
    assert.match(await failing({ url: 'http://127.0.0.1:1/SECRET' }), /^no answer from 127\.0\.0\.1:1 \(/);
    assert.match(
      await failing({ url: 'https://nowhere.invalid/SECRET' }),
      /^no answer from nowhere\.invalid \((ENOTFOUND|EAI_AGAIN)\)$/,
    );
  });

  test('an option that cannot be used is named, and no secret shown', () => {
    const fails = (options: unknown, message: RegExp) =>
      assert.throws(
        () => webhook(options as WebhookOptions),
        (error: Error) => {
          assert.equal(error.name, 'TypeError');
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /SECRET/);
          return true;
        },
      );
    fails(undefined, /^webhook: expected an object such as \{ url \}/);
    fails({}, /^webhook: url: expected an address that begins with http:\/\/ or https:\/\/, got nothing$/);
    fails({ url: 'SECRET' }, /^webhook: url: .* got a string that is not one$/);
    fails({ url: 'ftp://SECRET/' }, /^webhook: url: /);
    fails({ url: 'https://user:SECRET@example.com' }, /without user and password; give them in headers/);
    fails(
      { url: 'https://example.com', format: 'xml' },
      /^webhook: format: expected one of json, slack, teams, pagerduty, got "xml"$/,
    );
    fails({ format: 'pagerduty' }, /^webhook: routingKey: /);
    fails({ url: 'https://example.com', headers: { a: 1 } }, /^webhook: headers: /);
    fails(
      { url: 'https://example.com', timeout: '1 minute' },
      /^webhook: timeout: .* at most 30 seconds, got "1 minute"$/,
    );
    fails({ url: 'https://example.com', urls: [] }, /^webhook: unknown option urls/);
    assert.doesNotMatch(
      inspect(webhook({ url: 'https://example.com/SECRET' }), { showHidden: true, depth: 5 }),
      /SECRET/,
    );
  });
});
